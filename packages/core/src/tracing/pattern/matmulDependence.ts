import { broadcastStrides, sizeOf, stridesOf, type PrimitiveAttributes, type Shape } from '../../backend/index.js';
import type { DependenceContext } from './dependenceRules.js';
import { pushed } from './views.js';

/** Element (i, j) of a product depends on row i of the first matrix and on column j of the second: unions over j, and over i. */
export function matmulDependence({
  sets,
  reach,
  shape,
  inputs: [a, b],
  wants,
  attributes: { transposeA, transposeB },
}: DependenceContext<PrimitiveAttributes['matmul']>): [Int32Array | null, Int32Array | null] {
  const lead = shape.slice(0, -2);
  const [m, n] = shape.slice(-2) as [number, number];
  const unions = (count: number, elementsOf: (block: number, index: number) => Iterable<number>): Int32Array =>
    Int32Array.from({ length: sizeOf(lead) * count }, (_, at) =>
      sets.unionOf(new Set(elementsOf(Math.floor(at / count), at % count))),
    );
  const ofRows = (): Int32Array =>
    unions(m, (block, i) => reach.subarray((block * m + i) * n, (block * m + i + 1) * n));
  const ofColumns = (): Int32Array =>
    unions(n, (block, j) => Array.from({ length: m }, (_, i) => reach[(block * m + i) * n + j] as number));
  /** Stretches `[lead, kept]` over the inner axis, and adds up over leading axes that the input does not have. */
  const spread = (perLine: Int32Array, input: Shape, kept: 0 | 1): Int32Array => {
    const strides = broadcastStrides(input.slice(0, -2), lead);
    const size = sizeOf(input.slice(-2));
    const [rows, columns] = stridesOf(input.slice(-2)) as [number, number];
    const inner = input.at(kept === 0 ? -1 : -2) as number;
    const along = kept === 0 ? [rows, columns] : [columns, rows];
    const ids = new Int32Array(perLine.length * inner).map((_, at) => perLine[Math.floor(at / inner)] as number);
    const lines = perLine.length / Math.max(sizeOf(lead), 1);
    return pushed(sets, ids, [...lead, lines, inner], input, 0, [...strides.map((stride) => stride * size), ...along]);
  };
  return [
    wants[0] ? spread(ofRows(), a as Shape, transposeA ? 1 : 0) : null,
    wants[1] ? spread(ofColumns(), b as Shape, transposeB ? 0 : 1) : null,
  ];
}
