import type { Row } from './Row.js';

/** Gates of each cell. */
export const gates: Readonly<Record<Row['cell'], number>> = { rnn: 1, mgu: 2, lstm: 4, gru: 3 };

/** How the floating-point operations are counted, for the report. */
export const flopFormula: string =
  'flops per character = k · 2 · (Σ over layers G·H·(I + H) + H·V), k = 3 for training (one product forward, two backward), ' +
  '1 for inference; products only; G gates, I the layer’s input size, V the vocabulary';

/** Floating-point operations of one step, by `flopFormula`. */
export function flopsPerStep(row: Row): number {
  const { cell, layers, hidden, embedding, vocabulary, batch, time } = row;
  const perLayer = (inputs: number): number => gates[cell] * hidden * (inputs + hidden);
  const products = perLayer(embedding) + (layers - 1) * perLayer(hidden) + hidden * vocabulary;
  return (row.mode === 'train' ? 3 : 1) * 2 * products * batch * time;
}

/** Trainable numbers of the model, both biases of each gate included. */
export function parameterCount({ cell, layers, hidden, embedding, vocabulary }: Row): number {
  const perLayer = (inputs: number): number => gates[cell] * hidden * (inputs + hidden + 2);
  return (
    vocabulary * embedding + perLayer(embedding) + (layers - 1) * perLayer(hidden) + hidden * vocabulary + vocabulary
  );
}

/** About how many bytes one process needs for a step: what is saved for the way back, as much again beside, and parameters with gradient and moments. */
export function bytesPerStep(row: Row): number {
  const { cell, layers, hidden, batch, time, vocabulary, embedding } = row;
  const perCharacter = layers * hidden * (gates[cell] + 3) + embedding + 2 * vocabulary;
  return 4 * (2 * batch * time * perCharacter + 4 * parameterCount(row));
}
