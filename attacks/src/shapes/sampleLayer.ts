import * as tg from '@tempograd/core';
import { gateCount, recurrentCells, type RecurrentCell } from '@tempograd/core/backend';
import { at, sizeOf, type HyperArray } from '../programs/HyperArray.js';
import { constant, plus, type Hyper } from '../programs/Hyper.js';
import { affine, gateStep, runRows } from '../programs/recurrences.js';
import type { Place } from '../places.js';
import type { Random } from '../Random.js';

/** One layer over one segment, and its numbers. */
export interface Layer {
  readonly cell: RecurrentCell;
  readonly time: number;
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
  readonly reverse: boolean;
  readonly bias: boolean;
  /** 0 or 1 for each step of each row, or null. */
  readonly mask: readonly number[] | null;
  /** Row numbers in the place of inputs, or null. */
  readonly rows: readonly number[] | null;
  /** Weights of the input and of the carry, the biases, the carry, the input: with shape and numbers. */
  readonly leaves: readonly { readonly shape: readonly number[]; readonly numbers: Float64Array }[];
}

/** Sizes at, below and above the widths in which kernels work. */
const widths = [0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 24, 31, 33];

/** A random layer; big ones are rare. */
export function sampleLayer(random: Random): Layer {
  const cell = random.pick(recurrentCells);
  const small = random.next() < 0.5;
  const width = (): number => random.pick(small ? widths.slice(0, 7) : widths);
  const [time, batch, hidden] = [random.whole(1, small ? 13 : 41), random.pick([0, 1, 1, 2, 3, 4, 5, 8, 9]), width()];
  const places = time * batch;
  const rows = random.next() < 0.25 ? Array.from({ length: places }, () => random.whole(0, 5)) : null;
  const inputs = rows === null ? width() : 5;
  const gates = gateCount[cell] * hidden;
  const bias = random.next() < 0.8;
  const states = cell === 'lstm' ? 2 : 1;
  const leaf = (shape: readonly number[], spread: number): Layer['leaves'][number] => ({
    shape,
    numbers: Float64Array.from({ length: sizeOf(shape) }, () => Math.fround((random.next() * 2 - 1) * spread)),
  });
  return {
    cell,
    time,
    batch,
    inputs,
    hidden,
    reverse: random.next() < 0.4,
    bias,
    mask: sampleMask(random, time, batch),
    rows,
    leaves: [
      leaf(rows === null ? [gates, inputs] : [inputs, gates], 1 / Math.sqrt(Math.max(inputs, 1))),
      leaf([gates, hidden], 1 / Math.sqrt(Math.max(hidden, 1))),
      ...(bias ? [leaf([gates], 0.5), leaf([gates], 0.5)] : []),
      ...Array.from({ length: states }, () => leaf([batch, hidden], 1)),
      ...(rows === null ? [leaf([time, batch, inputs], 1.5)] : []),
    ],
  };
}

/** None, holes, rows of different lengths, or nothing at all that counts. */
function sampleMask(random: Random, time: number, batch: number): number[] | null {
  const kind = random.pick(['none', 'none', 'holes', 'lengths', 'nothing']);
  if (kind === 'none') return null;
  const lengths = Array.from({ length: batch }, () => random.whole(0, time + 1));
  return Array.from({ length: time * batch }, (_, index) => {
    if (kind === 'holes') return Number(random.next() < 0.7);
    return Number(kind === 'lengths' && Math.floor(index / batch) < (lengths[index % batch] as number));
  });
}

/** The layer's outputs and last carry, of its leaves in order. */
export function applyLayer(layer: Layer, place: Place): (leaves: readonly tg.Tensor[]) => readonly tg.Tensor[] {
  const i32 = (values: readonly number[]): tg.Tensor =>
    tg.fromArray(Int32Array.from(values), [layer.time, layer.batch], { dtype: 'i32', backend: place.backend });
  return (leaves) => {
    const { cell, reverse, bias, mask, rows } = layer;
    const [weightIh, weightHh, ...rest] = leaves as [tg.Tensor, tg.Tensor, ...tg.Tensor[]];
    const [biasIh, biasHh] = bias ? rest.splice(0, 2) : [];
    const carry = rest.splice(0, cell === 'lstm' ? 2 : 1);
    const input = rows === null ? rest[0]! : i32(rows);
    const masked = mask && i32(mask);
    const { output, carry: after } = tg.recurrent({
      cell,
      reverse,
      input,
      carry,
      weightIh,
      weightHh,
      biasIh,
      biasHh,
      mask: masked,
    });
    return [output, ...after];
  };
}

/** The same on the host, along two directions at once; end to end. `margin` is told how near to a kink it comes. */
export function layerForm(
  layer: Layer,
  directions: readonly [Float64Array, Float64Array],
  margin: (distance: number) => void,
): readonly Hyper[] {
  const { cell, time, batch, inputs, bias, rows, mask, reverse, hidden } = layer;
  let next = 0;
  const leaves = layer.leaves.map(({ shape, numbers }): HyperArray => ({
    shape,
    values: Array.from(numbers, (v) => {
      const place = next++;
      return { ...constant(v), a: directions[0][place]!, b: directions[1][place]! };
    }),
  }));
  const [ih, hh, ...rest] = leaves as [HyperArray, HyperArray, ...HyperArray[]];
  const [bi = null, bh = null] = bias ? rest.splice(0, 2) : [];
  const carry = rest.splice(0, cell === 'lstm' ? 2 : 1);
  const elements = (x: HyperArray, place: readonly number[], width: number): Hyper[] =>
    Array.from({ length: width }, (_, index) => at(x, [...place, index]));
  const tableRow = (row: number): Hyper[] =>
    elements(ih, [row], gateCount[cell] * hidden).map((x, index) => (bi === null ? x : plus(x, at(bi, [index]))));
  return runRows({ time, batch, reverse, mask }, carry, (t, row, former) => {
    const x = rows === null ? affine(ih, elements(rest[0]!, [t, row], inputs), bi) : tableRow(rows[t * batch + row]!);
    return gateStep(cell, x, affine(hh, former[0]!, bh), former, margin);
  }).values;
}

/** A layer as text. */
export const printLayer = ({ cell, time, batch, inputs, hidden, reverse, bias, mask, rows }: Layer): string =>
  [
    `${cell}: ${time} steps, batch ${batch}, ${inputs} inputs, hidden ${hidden}`,
    ...(reverse ? ['reverse'] : []),
    ...(bias ? [] : ['no biases']),
    ...(mask ? [`mask ${mask.join('')}`] : []),
    ...(rows ? [`rows ${rows.join('')}`] : []),
  ].join(', ');
