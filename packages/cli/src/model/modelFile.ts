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
import * as v from 'valibot';
import { Failure, messageOf } from '../Failure.js';
import { readBytes } from '../text/readText.js';

/** What writes: a model, its parameters, and what its numbers mean. */
export interface Writer {
  readonly model: SequenceModel;
  readonly params: SequenceModelParams;
  readonly vocabulary: Vocabulary;
}

/** A model with what its file says of its training; null where that is nothing. */
export interface OpenedModel extends Writer {
  readonly training: Provenance | null;
}

/** What is known of a model's training; for people. */
export interface Provenance {
  readonly text: string;
  readonly updates: number;
  /** Steps of its chunks; missing where an earlier version wrote the file. */
  readonly steps?: number;
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
export async function openModel(file: string, options: ReadOptions = {}): Promise<OpenedModel> {
  const stored = parse(file, await readBytes(file, 'model'), options);
  const { model, params, vocabulary } = open(file, stored, options);
  if (vocabulary !== undefined && model.config.outputs === vocabulary.size) {
    return { model, params, vocabulary, training: provenanceIn(stored.metadata['training']) };
  }
  disposeTree(params);
  throw new Failure(
    `The model ${file} does not write text: ${vocabulary === undefined ? 'it has no vocabulary' : 'what it predicts is not what it reads'}.`,
  );
}

const provenanceSchema = v.object({
  text: v.string(),
  updates: v.number(),
  steps: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  itemsSeen: v.number(),
  bitsPerItem: v.number(),
  backend: v.string(),
}) satisfies v.GenericSchema<unknown, Provenance>;

/** Null for what is something else: it is for people, and a model is of use without it. */
function provenanceIn(json: string | undefined): Provenance | null {
  try {
    return v.parse(provenanceSchema, JSON.parse(json ?? 'null'));
  } catch {
    return null;
  }
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
