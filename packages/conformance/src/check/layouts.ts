import { flip, reshape, slice, transpose, type Tensor } from '@tempograd/core';
import { sizeOf, type Shape } from '@tempograd/core/backend';
import { flipForm, transposeForm } from '../host/closedForms.js';
import type { HostArray } from '../host/HostArray.js';

/**
 * How an input came to be: written as it is, a contiguous stretch in the middle of a larger buffer, a box inside one (the rest is
 * NaN in both), a reshape, a transpose, or a flip of something else. The values are the same.
 */
export type Layout = 'plain' | 'stretch' | 'box' | 'reshaped' | 'transposed' | 'flipped';

/** All layouts, to go through. */
export const layouts: readonly Layout[] = ['plain', 'stretch', 'box', 'reshaped', 'transposed', 'flipped'];

type Write = (values: Float64Array, shape: Shape) => Tensor;

/** Writes `x` so that it comes out in a layout; scalars and empty tensors have only one. */
export function writeAs(x: HostArray, layout: Layout, write: Write): Tensor {
  const { shape } = x;
  if (shape.length === 0 || sizeOf(shape) === 0) return write(x.values, shape);
  switch (layout) {
    case 'plain':
      return write(x.values, shape);
    case 'stretch':
      return surrounded(x, write, (_, axis) => axis === 0);
    case 'box':
      return surrounded(x, write, () => true);
    case 'reshaped':
      return reshape(write(x.values, [sizeOf(shape), 1]), shape);
    case 'transposed': {
      const backwards = shape.map((_, axis) => shape.length - 1 - axis);
      const turned = transposeForm(x, backwards);
      return transpose(write(turned.values, turned.shape), backwards);
    }
    case 'flipped': {
      const axes = shape.map((_, axis) => axis);
      return flip(write(flipForm(x, axes).values, shape), axes);
    }
  }
}

/** `x` as a slice of a buffer that is longer along some axes: one before, two behind. */
function surrounded(x: HostArray, write: Write, longer: (length: number, axis: number) => boolean): Tensor {
  const outer = x.shape.map((length, axis) => (longer(length, axis) ? length + 3 : length));
  const begin = x.shape.map((length, axis) => (longer(length, axis) ? 1 : 0));
  const values = new Float64Array(sizeOf(outer)).fill(x.kind === 'i32' ? -7 : NaN);
  let from = 0;
  const copy = (axis: number, start: number): void => {
    const length = x.shape[axis] as number;
    const stride = sizeOf(outer.slice(axis + 1));
    const first = start + (begin[axis] as number) * stride;
    if (axis === x.shape.length - 1) {
      values.set(x.values.subarray(from, from + length), first);
      from += length;
      return;
    }
    for (let index = 0; index < length; index++) copy(axis + 1, first + index * stride);
  };
  copy(0, 0);
  return slice(write(values, outer), begin, x.shape);
}
