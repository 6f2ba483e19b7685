import { ArgumentError } from '@tempograd/core';
import type { Vocabulary } from '../data/index.js';
import { isNamed, itemsOf } from '../model/ModelInput.js';
import type { AnySequenceModel } from '../model/sequenceModel.js';

/** @throws ArgumentError for what is no model and parameters of it. */
export function requireModel(of: string, model: unknown, params: unknown): void {
  const { config, forward } = (model ?? {}) as { readonly config?: unknown; readonly forward?: unknown };
  const isModel = typeof config === 'object' && typeof forward === 'function';
  if (isModel && typeof params === 'object' && params !== null) return;
  const isLoaded = typeof model === 'object' && model !== null && 'model' in model && 'params' in model;
  throw new ArgumentError(
    `${of}: the first argument must be a model, as sequenceModel(…) makes it, and the second its parameters` +
      (isLoaded
        ? `; what loadModel gives is taken apart: const { model, params } = await loadModel(path).`
        : `, as model.init(key(1)) makes them. Was an await forgotten?`),
  );
}

/** @throws ArgumentError when a model cannot be read step by step. */
export function checkCausal(of: string, { config }: AnySequenceModel): void {
  if (!config.bidirectional) return;
  throw new ArgumentError(
    `${of}: a bidirectional model reads a sequence from both ends, so that it cannot go on from a place in it. ` +
      'Give it whole sequences: await predictor(model, params).run(sequence).',
  );
}

/** @throws ArgumentError when a model reads other items than the vocabulary has. */
export function checkReads(of: string, { config }: AnySequenceModel, vocabulary: Vocabulary | null): void {
  if (vocabulary === null) return;
  const size = itemsOf(config.input);
  if (size === vocabulary.size) return;
  throw new ArgumentError(
    `${of}: the model reads ${size === null ? (isNamed(config.input) ? 'several inputs' : 'features') : `${size} items`}, but the vocabulary has ${vocabulary.size} items. ` +
      'Use the vocabulary the model was trained with.',
  );
}

/** @throws ArgumentError when a model does not predict items of the vocabulary that it reads. */
export function checkWrites(of: string, { config }: AnySequenceModel, vocabulary: Vocabulary): void {
  if (config.outputs === vocabulary.size && config.loss === 'crossEntropy') return;
  throw new ArgumentError(
    `${of}: the model predicts ${config.outputs} ${config.loss === 'crossEntropy' ? 'classes' : 'numbers'}, but the vocabulary has ` +
      `${vocabulary.size} items. A model writes where it was trained on what comes next, as a charModel is.`,
  );
}
