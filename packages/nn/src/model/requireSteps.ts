import { ArgumentError, ShapeError, Tensor, treeLeaves } from '@tempograd/core';
import { DTypeError, formatShape, sameShape } from '@tempograd/core/backend';

/** Refuses a mask that is not i32 `[time, batch]` as the inputs are. @throws ArgumentError, ShapeError, DTypeError. */
export function requireSteps(name: string, mask: unknown, inputs: unknown): void {
  if (mask === null || mask === undefined) return;
  const wanted = (treeLeaves(inputs)[0] as Tensor).shape.slice(0, 2);
  if (!(mask instanceof Tensor)) {
    throw new ArgumentError(
      `sequenceModel: ${name} must be a tensor, i32 [time, batch], here ${formatShape(wanted)}; lengthsToMask() makes one.`,
    );
  }
  const fits = sameShape(mask.shape, wanted);
  if (fits && mask.dtype === 'i32') return;
  const message = `sequenceModel: ${name} must be i32 [time, batch], here ${formatShape(wanted)}, but is ${mask.dtype} ${formatShape(mask.shape)}.`;
  throw fits ? new DTypeError(message) : new ShapeError(message);
}
