import { disposeTree } from '@tempograd/core';
import {
  readSafetensors,
  readTree,
  storedModel,
  vocabularyFromJson,
  type ReadOptions,
  type SafetensorsFile,
  type ModelInput,
  type SequenceModel,
  type SequenceModelParams,
  type Vocabulary,
  type VocabularyJson,
} from '@tempograd/nn';
import { writeSafetensorsFile } from '@tempograd/nn/node';
import { Failure } from '../Failure.js';
import { readBytes } from '../text/readText.js';

/** What writes: a model, its parameters, and what its numbers mean. */
export interface Writer {
  readonly model: SequenceModel;
  readonly params: SequenceModelParams;
  readonly vocabulary: Vocabulary;
}

/** What is known of a model's training; for people. */
export interface Provenance {
  readonly text: string;
  readonly updates: number;
  readonly itemsSeen: number;
  /** On held-out text. */
  readonly bitsPerItem: number;
  readonly backend: string;
}

/** Names in the file's metadata. */
const names = { format: 'tempograd.format', config: 'config', vocabulary: 'vocabulary', training: 'training' } as const;

/** What writes a text. Models of characters were named so before there were others. */
const textModels: readonly unknown[] = ['text-model-1', 'character-model-1'];

/** Writes parameters (under PyTorch's names), configuration and vocabulary as one file, whole or not at all. */
export async function saveModel(
  file: string,
  { model, params, vocabulary }: Writer,
  training: Provenance,
): Promise<void> {
  await writeSafetensorsFile(file, {
    tensors: await readTree(params),
    metadata: {
      [names.format]: 'text-model-1',
      [names.config]: JSON.stringify(model.config),
      [names.vocabulary]: JSON.stringify(vocabulary.toJSON()),
      [names.training]: JSON.stringify(training),
    },
  });
}

/**
 * The model in a file, on the selected backend. Nothing of what its configuration says is made before its tensors agree.
 * @throws Failure for a file that is missing, damaged, or holds something else.
 */
export async function openModel(file: string, options?: ReadOptions): Promise<Writer> {
  const stored = parse(file, await readBytes(file, 'model'), options);
  const vocabulary = vocabularyOf(file, stored);
  const { model, params } = open(file, stored);
  const { input, outputs } = model.config;
  if ('vocabulary' in input && input.vocabulary === vocabulary.size && outputs === vocabulary.size)
    return { model, vocabulary, params };
  disposeTree(params);
  throw new Failure(
    `The model ${file} does not match itself: its configuration is for another vocabulary than the ${vocabulary.size} ${vocabulary.kind} it holds.`,
  );
}

function parse(file: string, bytes: Uint8Array, options?: ReadOptions): SafetensorsFile {
  try {
    return readSafetensors(bytes, options);
  } catch (cause) {
    throw new Failure(`The model ${file} is damaged or no safetensors file. ${messageOf(cause)}`, { cause });
  }
}

function vocabularyOf(file: string, { metadata }: SafetensorsFile): Vocabulary {
  const { [names.format]: format, [names.config]: config, [names.vocabulary]: vocabulary } = metadata;
  if (!textModels.includes(format) || config === undefined || vocabulary === undefined) {
    const hint =
      'tempograd.training' in metadata
        ? 'It is a checkpoint: go on with `tempograd train --resume` to get a model.'
        : '';
    throw new Failure(
      `${file} is a safetensors file, but not a model of \`tempograd train\`: it lacks configuration and vocabulary in its metadata. ${hint}`.trim(),
    );
  }
  try {
    return vocabularyFromJson(JSON.parse(vocabulary) as VocabularyJson);
  } catch (cause) {
    throw new Failure(`The model ${file} is damaged: its vocabulary cannot be read. ${messageOf(cause)}`, { cause });
  }
}

function open(file: string, stored: SafetensorsFile): ReturnType<typeof storedModel<ModelInput>> {
  try {
    return storedModel(stored);
  } catch (cause) {
    throw new Failure(`The model ${file} cannot be used. ${messageOf(cause)}`, { cause });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
