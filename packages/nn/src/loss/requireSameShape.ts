import { requireTensor, type Tensor } from '@tempograd/core';
import { formatShape, sameShape, ShapeError } from '@tempograd/core/backend';

/** @throws ArgumentError when one is no tensor, ShapeError when prediction and target differ in shape: broadcasting them is a frequent mistake that trains silently. */
export function requireSameShape(op: string, prediction: Tensor, target: Tensor): void {
  requireTensor(op, 'prediction', prediction);
  requireTensor(op, 'target', target);
  if (sameShape(prediction.shape, target.shape)) return;
  throw new ShapeError(
    `${op}: prediction ${formatShape(prediction.shape)} and target ${formatShape(target.shape)} must have the same shape; use reshape().`,
  );
}
