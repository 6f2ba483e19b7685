import { sizeOf, type Shape } from '@tempograd/core/backend';

/** Numbers on the host in float64, as cases hold them: floating-point of the dtype under test, or i32. */
export interface HostArray {
  readonly shape: Shape;
  readonly kind: 'float' | 'i32';
  readonly values: Float64Array;
}

/** A host array of floats from values in row-major order. */
export function floats(shape: Shape, values: ArrayLike<number>): HostArray {
  return { shape, kind: 'float', values: new Float64Array(values) };
}

/** A host array of whole numbers. */
export function ints(shape: Shape, values: ArrayLike<number>): HostArray {
  return { shape, kind: 'i32', values: new Float64Array(values) };
}

/** A host array whose element i is `fn(i)`. */
export function build(shape: Shape, fn: (index: number) => number, kind: HostArray['kind'] = 'float'): HostArray {
  const values = new Float64Array(sizeOf(shape));
  for (let index = 0; index < values.length; index++) values[index] = fn(index);
  return { shape, kind, values };
}

/** The element at `index`, which is inside. */
export function at(x: HostArray, index: number): number {
  return x.values[index] as number;
}
