import type { AnySequenceModel } from '@tempograd/nn';

/** How many numbers a model learns; none of them is made for it. */
export function parameterCount(model: Pick<AnySequenceModel, 'parameters'>): number {
  let count = 0;
  for (const [, { shape }] of model.parameters()) count += shape.reduce((product, length) => product * length, 1);
  return count;
}
