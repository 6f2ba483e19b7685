import { truncatedBptt } from '@tempograd/core';
import { gradientHealth, type GradientHealth, type SequenceModelCarry } from '@tempograd/nn';
import type { OpenedModel } from '../model/modelFile.js';
import type { RowStretch } from './Reading.js';

/** Where gradients are looked at. */
export interface HealthPlace {
  readonly stretch: RowStretch;
  readonly carry: SequenceModelCarry;
  /** Steps and rows of the stretch. */
  readonly steps: number;
  readonly rows: number;
}

/** How gates, states and parameters are doing, with the cosine between the gradient of chunks of some length and the full one. */
export function healthOf(
  { model, params }: OpenedModel,
  { stretch, carry, steps, rows }: HealthPlace,
  chunk: number,
): Promise<GradientHealth> {
  return gradientHealth(model, params, stretch, {
    carry,
    normaliser: steps * rows,
    strategy: truncatedBptt({ updateEvery: Math.min(chunk, steps) }),
  });
}
