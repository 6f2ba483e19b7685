import { disposeTree } from '@tempograd/core';
import {
  readModel,
  readSafetensors,
  type LoadedModel,
  type ReadOptions,
  type SafetensorsFile,
  type SequenceModel,
  type SequenceModelParams,
  type Vocabulary,
} from '@tempograd/nn';
import { saveModel as save } from '@tempograd/nn/node';
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

/** Writes a model as one file, whole or not at all; what is known of its training is the `training` of its metadata, as JSON. */
export function saveModel(file: string, writer: Writer, training: Provenance): Promise<void> {
  const { bitsPerItem } = training;
  return save(file, { ...writer, metrics: { bitsPerItem }, metadata: { training: JSON.stringify(training) } });
}

/**
 * The model in a file, on the selected backend.
 * @throws Failure for a file that is missing, damaged, or holds something else.
 */
export async function openModel(file: string, options: ReadOptions = {}): Promise<Writer> {
  const stored = parse(file, await readBytes(file, 'model'), options);
  const { model, params, vocabulary } = open(file, stored, options);
  if (vocabulary !== undefined && model.config.outputs === vocabulary.size) return { model, params, vocabulary };
  disposeTree(params);
  throw new Failure(
    `The model ${file} does not write text: ${vocabulary === undefined ? 'it has no vocabulary' : 'what it predicts is not what it reads'}.`,
  );
}

function parse(file: string, bytes: Uint8Array, options: ReadOptions): SafetensorsFile {
  try {
    return readSafetensors(bytes, options);
  } catch (cause) {
    throw new Failure(`The model ${file} is damaged or no safetensors file. ${messageOf(cause)}`, { cause });
  }
}

function open(file: string, stored: SafetensorsFile, options: ReadOptions): LoadedModel {
  const { metadata } = stored;
  if ('tempograd.training' in metadata || metadata['config'] === undefined) {
    const hint =
      'tempograd.training' in metadata
        ? 'It is a checkpoint: go on with `tempograd train --resume` to get a model.'
        : 'Its metadata have no configuration.';
    throw new Failure(`${file} is a safetensors file, but not a model of \`tempograd train\`. ${hint}`);
  }
  try {
    return readModel(stored, options);
  } catch (cause) {
    throw new Failure(`The model ${file} cannot be used. ${messageOf(cause)}`, { cause });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
