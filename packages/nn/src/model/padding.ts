import { equal, fromArray, scope, select, stopGradient, type Tensor } from '@tempograd/core';
import { formatShape, sameShape, ShapeError } from '@tempograd/core/backend';

/** The mask, i32 of the items' shape, with 0 where an item is padding; the mask as it is where there is no padding. */
export function withoutPadding(items: Tensor, paddingIndex: number | null, mask: Tensor | null): Tensor | null {
  if (paddingIndex === null) return mask;
  return scope(() => {
    const isPadding = equal(items, paddingIndex);
    return mask === null ? equal(isPadding, 0) : select(isPadding, 0, mask);
  });
}

/** The same matrix, one row of which gets no gradient. */
export function withoutGradientAt(weight: Tensor, row: number): Tensor {
  return scope(() => {
    const rows = weight.shape[0] as number;
    const like = { dtype: 'i32', backend: weight.backend } as const;
    const isRow = fromArray(
      Int32Array.from({ length: rows }, (_, index) => Number(index === row)),
      [rows, 1],
      like,
    );
    return select(isRow, stopGradient(weight), weight);
  });
}

/** Where both masks are not 0, i32 `[time, batch]`; a mask that is null leaves everything in. @throws ShapeError when they differ in shape. */
export function bothMasks(mask: Tensor | null, lossMask: Tensor | null): Tensor | null {
  if (mask === null || lossMask === null) return mask ?? lossMask;
  if (!sameShape(mask.shape, lossMask.shape)) {
    throw new ShapeError(
      `sequenceModel: lossMask ${formatShape(lossMask.shape)} must be [time, batch] as the mask is, ${formatShape(mask.shape)}.`,
    );
  }
  return scope(() => select(mask, lossMask, 0));
}
