import type { Scaler, Vocabulary } from '../data/index.js';
import type { Targets } from '../predict/index.js';
import type { AnyInput, ModelInput } from '../model/ModelInput.js';
import type { SequenceModel, SequenceModelParams } from '../model/sequenceModel.js';

/** A trained model with all that it takes to use it. */
export interface SavedModel<I extends AnyInput = ModelInput> {
  readonly model: SequenceModel<I>;
  readonly params: SequenceModelParams<I>;
  /** What its items, or its classes where it reads features, mean. */
  readonly vocabulary?: Vocabulary | undefined;
  /** What its inputs were scaled with, and its targets where they are numbers. */
  readonly scaler?: Scaler | undefined;
  /** Which of the scaler's channels it predicts, as `windows` was told; default is all, where it predicts one step. */
  readonly targets?: Targets | undefined;
  /** How good it was found to be, and whatever else can be JSON. */
  readonly metrics?: Readonly<Record<string, unknown>> | undefined;
  /** What else is to be known of it: texts by name. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** Names in the metadata of a file. */
export const names = {
  format: 'tempograd.format',
  config: 'config',
  vocabulary: 'vocabulary',
  scaler: 'scaler',
  targets: 'targets',
  metrics: 'metrics',
} as const;

/** What files are said to be that are written here. */
export const format = 'model-1';

/** What files are said to be that are read, those of the command line among them. */
export const knownFormats: readonly string[] = [format, 'text-model-1', 'character-model-1'];
