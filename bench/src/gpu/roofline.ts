import { flopsPerStep, gates, parameterCount } from '../grid/cost.js';
import type { Row } from '../grid/Row.js';
import type { GpuFigures } from './gpus.js';

/**
 * Bytes that a training step must move between a GPU and its memory at least: parameters are read forward, backward and by the
 * optimiser, which also reads and writes two moments and reads the gradient that was written; what is kept of each character is
 * written once and read once, as are its gradients. Recurrent weights come from a cache at every step.
 */
export function leastBytes(row: Row): number {
  const { cell, layers, hidden, embedding, vocabulary, batch, time } = row;
  const perCharacter = layers * hidden * (2 * gates[cell] + 3) + embedding + 2 * vocabulary;
  return 4 * (9 * parameterCount(row) + 2 * batch * time * perCharacter);
}

/** Seconds that a step takes at best: arithmetic or memory, whichever is slower, and the gaps between dispatches. */
export function rooflineSeconds(row: Row, dispatches: number, gpu: GpuFigures): number {
  const arithmetic = flopsPerStep(row) / (gpu.teraflops * 1e12);
  const memory = leastBytes(row) / (gpu.gigabytes * 1e9);
  return Math.max(arithmetic, memory) + dispatches * gpu.gap * 1e-6;
}
