import * as tg from '@tempograd/core';
import type { Builder } from './Builder.js';
import { constant, plus, scaled, tanh, through, times, type Hyper } from './Hyper.js';
import { at, build, fold, largest, product, swapLast, total, zip, type HyperArray } from './HyperArray.js';

const reductions = {
  sum: { apply: tg.sum, form: total },
  mean: { apply: tg.mean, form: (xs: readonly Hyper[]) => scaled(total(xs), 1 / xs.length) },
  max: { apply: tg.max, form: largest },
} as const;

function reduceStep(builder: Builder): void {
  const value = builder.ranked(1);
  const shape = builder.shape(value);
  const [name, { apply, form }] = builder.random.pick(Object.entries(reductions));
  const axes = shape.flatMap((_, axis) => (builder.random.next() < 0.6 ? [axis] : []));
  const keepAxes = builder.random.next() < 0.5;
  const kept = shape.filter((_, axis) => !axes.includes(axis));
  builder.push({
    name: `${name} axes [${String(axes)}]${keepAxes ? ', kept' : ''}`,
    args: [value],
    apply: (x) => apply(x, { axes, keepAxes }),
    form: ([x], margin) => {
      const result = fold(x!, axes, (elements) => {
        if (name === 'max') runnersUp(elements).forEach(margin);
        return form(elements);
      });
      return keepAxes ? result : { ...result, shape: kept };
    },
  });
}

/** How far all but the largest are from it. */
function runnersUp(elements: readonly Hyper[]): number[] {
  const sorted = elements.map(({ v }) => v).sort((a, b) => b - a);
  return sorted.slice(1).map((v) => (sorted[0] as number) - v);
}

function matmulStep(builder: Builder): void {
  const { random } = builder;
  const [m, k, n] = [random.whole(1, 5), random.whole(1, 5), random.whole(1, 5)];
  const lead = random.next() < 0.4 ? [random.whole(1, 3)] : [];
  const [transposeA, transposeB] = [random.next() < 0.5, random.next() < 0.5];
  const a = builder.fitted([...lead, ...(transposeA ? [k, m] : [m, k])]);
  const b = builder.fitted([...(random.next() < 0.5 ? lead : []), ...(transposeB ? [n, k] : [k, n])]);
  builder.push({
    name: `matmul${transposeA ? ', first transposed' : ''}${transposeB ? ', second transposed' : ''}`,
    args: [a, b],
    apply: (x, y) => tg.matmul(x, y, { transposeA, transposeB }),
    form: ([x, y]) => product(transposeA ? swapLast(x!) : x!, transposeB ? swapLast(y!) : y!),
  });
}

const indexTensor = (x: tg.Tensor, indices: readonly number[], shape: readonly number[]): tg.Tensor =>
  tg.fromArray(Int32Array.from(indices), shape, { dtype: 'i32', backend: x.backend });

function gatherStep(builder: Builder): void {
  const value = builder.ranked(1);
  const [rows, ...rest] = builder.shape(value) as [number, ...number[]];
  const indices = Array.from({ length: builder.random.whole(1, 5) }, () => builder.random.whole(0, rows));
  builder.push({
    name: `gather [${String(indices)}]`,
    args: [value],
    apply: (x) => tg.gather(x, indexTensor(x, indices, [indices.length])),
    form: ([x]) => build([indices.length, ...rest], ([index, ...place]) => at(x!, [indices[index!]!, ...place])),
  });
}

function scatterStep(builder: Builder): void {
  const value = builder.ranked(1);
  const [updates, ...rest] = builder.shape(value) as [number, ...number[]];
  const rows = builder.random.whole(1, 5);
  // A row outside is left out.
  const indices = Array.from({ length: updates }, () => builder.random.whole(-1, rows + 1));
  builder.push({
    name: `scatterAdd [${String(indices)}] of ${rows}`,
    args: [value],
    apply: (x) => tg.scatterAdd(indexTensor(x, indices, [updates]), x, rows),
    form: ([x]) =>
      build([rows, ...rest], ([row, ...place]) =>
        total(indices.flatMap((index, number) => (index === row ? [at(x!, [number, ...place])] : []))),
      ),
  });
}

/** A derivative inside: `d/dx Σ tanh(x)·y`. */
function innerGradientStep(builder: Builder): void {
  const value = builder.any();
  const other = builder.fitted(builder.shape(value));
  builder.push({
    name: 'grad of Σ tanh(x)·y',
    args: [value, other],
    apply: (x, y) => tg.grad((z: tg.Tensor) => tg.sum(tg.mul(tg.tanh(z), y)))(x),
    form: (xs) => zip(xs, (x, y) => times(slopeOfTanh(x), y)),
  });
}

function slopeOfTanh(x: Hyper): Hyper {
  const value = tanh(x);
  return plus(constant(1), scaled(times(value, value), -1));
}

/** A derivative forward inside: `d/dx sin(x)` along y. */
function innerTangentStep(builder: Builder): void {
  const value = builder.any();
  const other = builder.fitted(builder.shape(value));
  builder.push({
    name: 'jvp of sin',
    args: [value, other],
    apply: (x, y) => tg.jvp(tg.sin, x, y).tangent,
    form: (xs) => zip(xs, (x, y) => times(through(x, Math.cos(x.v), -Math.sin(x.v), -Math.cos(x.v)), y)),
  });
}

/** Rows of a batch at once: each times its own sum, plus what is the same for all. */
function innerBatchStep(builder: Builder): void {
  const value = builder.ranked(2);
  const [, ...rest] = builder.shape(value) as [number, ...number[]];
  const other = builder.fitted(rest);
  const axes = rest.map((_, axis) => axis + 1);
  builder.push({
    name: 'vmap of x·Σx + y',
    args: [value, other],
    apply: (x, y) => tg.vmap((row: tg.Tensor) => tg.add(tg.mul(row, tg.sum(row)), y))(x),
    form: ([x, y]) =>
      zip([x as HyperArray, fold(x!, axes, total), y!], (element, sum, z) => plus(times(element, sum), z)),
  });
}

/** Ops on more than single elements. */
export const reductionMakers: readonly ((builder: Builder) => void)[] = [
  reduceStep,
  reduceStep,
  matmulStep,
  matmulStep,
  gatherStep,
  scatterStep,
  innerGradientStep,
  innerTangentStep,
  innerBatchStep,
];
