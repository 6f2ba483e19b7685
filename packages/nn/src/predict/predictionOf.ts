import type { ResolvedConfig } from '../model/config.js';
import { DataError } from '../data/index.js';
import type { StepOutput } from './StreamPool.js';

/**
 * What a model's head gives as a prediction: probabilities for a classification, and numbers as they are; all as it is where the
 * loss is null.
 * @throws DataError when it is no number.
 */
export function predictionOf(output: StepOutput, loss: ResolvedConfig['loss'] | null): StepOutput {
  for (let index = 0; index < output.length; index++) if (!Number.isFinite(output[index])) throw notFinite('predictor');
  if (loss === 'crossEntropy') return softmax(output);
  // A copy: the output may be a part of what a whole batch gave.
  return loss === 'binaryCrossEntropy' ? output.map((value) => 1 / (1 + Math.exp(-value))) : output.slice();
}

/** The error for a model whose outputs are no numbers. */
export function notFinite(of: string): DataError {
  return new DataError(
    `${of}: the model gives NaN or infinity for what comes next, so that there is nothing to go by: its parameters have ` +
      'diverged, or were damaged. Train it again with a lower learning rate, or take another copy.',
  );
}

function softmax(logits: StepOutput): StepOutput {
  const weights = Float64Array.from(logits);
  const largest = weights.reduce((most, value) => Math.max(most, value), -Infinity);
  weights.forEach((value, index) => (weights[index] = Math.exp(value - largest)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return logits.map((_, index) => (weights[index] as number) / total);
}
