import { sizeOf, type Shape } from '../../backend/index.js';
import type { ElementSets } from './ElementSets.js';

/** Sets of an input of which element `offset + Σ index · stride` stands at each index of the output: unions, where it stands at several. */
export function pushed(
  sets: ElementSets,
  reach: Int32Array,
  shape: Shape,
  input: Shape,
  offset: number,
  strides: readonly number[],
): Int32Array {
  const result = new Int32Array(sizeOf(input));
  eachPlace(shape, offset, strides, (element, place) => {
    result[place] = sets.union(result[place] as number, reach[element] as number);
  });
  return result;
}

/** Sets of an input each element of which goes into element `offset + Σ index · stride` of the output. */
export function pulled(reach: Int32Array, input: Shape, offset: number, strides: readonly number[]): Int32Array {
  const result = new Int32Array(sizeOf(input));
  eachPlace(input, offset, strides, (element, place) => {
    result[element] = reach[place] as number;
  });
  return result;
}

/** Every index of a shape in row-major order: its number, and `offset + Σ index · stride`. */
function eachPlace(
  shape: Shape,
  offset: number,
  strides: readonly number[],
  visit: (element: number, place: number) => void,
): void {
  const index = new Array<number>(shape.length).fill(0);
  const size = sizeOf(shape);
  let place = offset;
  for (let element = 0; element < size; element++) {
    visit(element, place);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += strides[axis] as number;
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      place -= (strides[axis] as number) * (shape[axis] as number);
      index[axis] = 0;
    }
  }
}
