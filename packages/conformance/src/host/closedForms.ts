import {
  broadcastShapes,
  sizeOf,
  type BinaryOp,
  type CompareOp,
  type Shape,
  type UnaryOp,
} from '@tempograd/core/backend';
import { at, build, type HostArray } from './HostArray.js';
import { coordinates, fold, rearrange } from './indexing.js';

/**
 * What each op means, in float64 on the host, by the plainest means: the first link of the chain of truth.
 * Slow on purpose; nothing of any backend is used.
 */

export const unaryForms: Readonly<Record<UnaryOp, (x: number) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
  exp: Math.exp,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  relu: (x) => Math.max(x, 0),
};

export const binaryForms: Readonly<Record<BinaryOp, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: (a, b) => a ** b,
  maximum: Math.max,
  minimum: Math.min,
};

export const compareForms: Readonly<Record<CompareOp, (a: number, b: number) => number>> = {
  equal: (a, b) => Number(a === b),
  less: (a, b) => Number(a < b),
  lessEqual: (a, b) => Number(a <= b),
};

/** The product over the last two axes, leading axes broadcast. */
export function matmulForm(a: HostArray, b: HostArray, transposeA: boolean, transposeB: boolean): HostArray {
  const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
  const [m, inner] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const n = transposeB ? rowsB : columnsB;
  const leadA = a.shape.slice(0, -2);
  const leadB = b.shape.slice(0, -2);
  const shape = [...broadcastShapes(leadA, leadB, 'matmul'), m, n];
  return build(shape, (index) => {
    const place = coordinates(shape, index);
    const lead = place.slice(0, -2);
    const [row, column] = place.slice(-2) as [number, number];
    const startA = blockOf(leadA, lead) * rowsA * columnsA;
    const startB = blockOf(leadB, lead) * rowsB * columnsB;
    let total = 0;
    for (let k = 0; k < inner; k++) {
      const left = a.values[startA + (transposeA ? k * columnsA + row : row * columnsA + k)] as number;
      const right = b.values[startB + (transposeB ? column * columnsB + k : k * columnsB + column)] as number;
      total += left * right;
    }
    return total;
  });
}

/** Which matrix of a batch of shape `lead` stands at a place of the broadcast batch. */
function blockOf(lead: Shape, place: readonly number[]): number {
  const own = place.slice(place.length - lead.length);
  return lead.reduce((block, length, axis) => block * length + (length === 1 ? 0 : (own[axis] as number)), 0);
}

export function sumForm(x: HostArray, axes: readonly number[]): HostArray {
  return fold(x, axes, 0, (total, element) => total + element);
}

export function maxForm(x: HostArray, axes: readonly number[]): HostArray {
  return fold(x, axes, -Infinity, Math.max);
}

export function reshapeForm(x: HostArray, shape: Shape): HostArray {
  return { ...x, shape };
}

export function transposeForm(x: HostArray, permutation: readonly number[]): HostArray {
  const shape = permutation.map((axis) => x.shape[axis] as number);
  return rearrange(x, shape, (place) => x.shape.map((_, axis) => place[permutation.indexOf(axis)] as number));
}

export function broadcastForm(x: HostArray, shape: Shape): HostArray {
  const lead = shape.length - x.shape.length;
  return rearrange(x, shape, (place) =>
    x.shape.map((length, axis) => (length === 1 ? 0 : (place[axis + lead] as number))),
  );
}

export function sliceForm(x: HostArray, begin: readonly number[], size: readonly number[]): HostArray {
  return rearrange(x, size, (place) => place.map((coordinate, axis) => coordinate + (begin[axis] as number)));
}

export function flipForm(x: HostArray, axes: readonly number[]): HostArray {
  return rearrange(x, x.shape, (place) =>
    place.map((coordinate, axis) => (axes.includes(axis) ? (x.shape[axis] as number) - 1 - coordinate : coordinate)),
  );
}

export function concatForm(xs: readonly HostArray[], axis: number): HostArray {
  const [first] = xs as [HostArray, ...HostArray[]];
  const outer = sizeOf(first.shape.slice(0, axis));
  const runs = xs.map((x) => sizeOf(x.shape.slice(axis)));
  const values = new Float64Array(xs.reduce((size, x) => size + x.values.length, 0));
  let end = 0;
  for (let block = 0; block < outer; block++) {
    xs.forEach((x, index) => {
      const run = runs[index] as number;
      values.set(x.values.subarray(block * run, (block + 1) * run), end);
      end += run;
    });
  }
  const total = xs.reduce((length, x) => length + (x.shape[axis] as number), 0);
  const shape = first.shape.map((length, index) => (index === axis ? total : length));
  return { shape, kind: first.kind, values };
}

export function gatherForm(x: HostArray, indices: HostArray): HostArray {
  const [rows = 0, ...rest] = x.shape;
  const width = sizeOf(rest);
  return build(
    [...indices.shape, ...rest],
    (index) => {
      const row = at(indices, Math.floor(index / width));
      if (row < 0 || row >= rows) return x.kind === 'i32' ? 0 : NaN;
      return at(x, row * width + (index % width));
    },
    x.kind,
  );
}

export function scatterAddForm(indices: HostArray, updates: HostArray, rows: number): HostArray {
  const rest = updates.shape.slice(indices.shape.length);
  const width = sizeOf(rest);
  const values = new Float64Array(rows * width);
  indices.values.forEach((row, number) => {
    if (row < 0 || row >= rows) return;
    for (let column = 0; column < width; column++) {
      const target = row * width + column;
      values[target] = (values[target] as number) + at(updates, number * width + column);
    }
  });
  return { shape: [rows, ...rest], kind: updates.kind, values };
}
