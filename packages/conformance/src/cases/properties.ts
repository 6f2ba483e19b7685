import { binaryOps, compareOps, formatShape, recurrentCells } from '@tempograd/core/backend';
import type { Check } from '../check/Check.js';
import { layouts } from '../check/layouts.js';
import {
  boolean,
  broadcastingPairs,
  constantFrom,
  forAll,
  integer,
  record,
  shapes,
  tuple,
  type Arbitrary,
} from '../check/property.js';
import type { HostArray } from '../host/HostArray.js';
import { Sampler } from '../host/Sampler.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { crossEntropySubject, layerNormSubject, linearScanSubject, linearSubject } from '../subject/fusedSubjects.js';
import {
  binarySubject,
  broadcastSubject,
  compareSubject,
  concatSubject,
  flipSubject,
  gatherSubject,
  matmulSubject,
  reduceSubject,
  scatterAddSubject,
  sliceSubject,
  transposeSubject,
} from '../subject/opSubjects.js';
import { recurrentSubject } from '../subject/recurrentSubject.js';
import { checkGradient, checkValue } from '../subject/subjectChecks.js';
import { expectedOf, type Subject } from '../subject/Subject.js';

const length = (min: number, max: number): Arbitrary<number> => integer({ min, max });
const axesOf = (rank: number, bits: number): number[] =>
  Array.from({ length: rank }, (_, axis) => axis).filter((axis) => (bits >> axis) % 2 === 1);
const stored = (rows: number, columns: number, transposed: boolean): number[] =>
  transposed ? [columns, rows] : [rows, columns];

/** Each op with a way to make subjects of random shapes. */
const makers: Readonly<Record<string, Arbitrary<Subject>>> = {
  binary: tuple(constantFrom(...binaryOps), broadcastingPairs()).map(([op, [a, b]]) => binarySubject(op, a, b)),
  compare: tuple(constantFrom(...compareOps), broadcastingPairs()).map(([op, [a, b]]) => compareSubject(op, a, b)),
  sum: tuple(shapes(4), length(0, 15)).map(([shape, bits]) => reduceSubject('sum', shape, axesOf(shape.length, bits))),
  max: tuple(
    shapes(4).map((shape) => shape.map((n) => Math.max(n, 1))),
    length(0, 15),
  ).map(([shape, bits]) => reduceSubject('max', shape, axesOf(shape.length, bits))),
  transpose: tuple(shapes(4), length(0, 1000)).map(([shape, seed]) =>
    transposeSubject(shape, shuffled(shape.length, seed)),
  ),
  broadcastTo: broadcastingPairs().map(([a, b]) =>
    broadcastSubject(
      b,
      a.map((n, axis) => (n === 1 ? (b[axis - a.length + b.length] ?? 1) : n)),
    ),
  ),
  slice: tuple(shapes(4), length(0, 1000)).map(([shape, seed]) => sliceOf(shape, seed)),
  flip: tuple(shapes(4), length(0, 15)).map(([shape, bits]) => flipSubject(shape, axesOf(shape.length, bits))),
  concat: tuple(shapes(2), length(0, 2), length(1, 4), length(0, 5), length(0, 3)).map(
    ([shape, at, parts, first, step]) => {
      const axis = Math.min(at, shape.length);
      return concatSubject(
        Array.from({ length: parts }, (_, i) => shape.toSpliced(axis, 0, first + i * step)),
        axis,
      );
    },
  ),
  gather: tuple(length(1, 5), shapes(2, 4), shapes(2, 4)).map(([rows, rest, indices]) =>
    gatherSubject([rows, ...rest], indices),
  ),
  scatterAdd: tuple(length(1, 5), shapes(2, 4), shapes(2, 4)).map(([rows, rest, indices]) =>
    scatterAddSubject(indices, rest, rows),
  ),
  matmul: record({ m: length(0, 40), k: length(0, 40), n: length(0, 40), a: boolean(), b: boolean() }).map(
    ({ m, k, n, a, b }) => matmulSubject(stored(m, k, a), stored(k, n, b), a, b),
  ),
  linear: tuple(shapes(2), length(1, 40), length(1, 40), boolean()).map(([rows, i, o, bias]) =>
    linearSubject(rows, i, o, bias),
  ),
  layerNorm: tuple(shapes(2), length(2, 40)).map(([rows, channels]) => layerNormSubject([...rows, channels])),
  softmaxCrossEntropy: tuple(shapes(2), length(1, 40), constantFrom(0, 0.1)).map(([rows, classes, smoothing]) =>
    crossEntropySubject(rows, classes, smoothing),
  ),
  linearScan: tuple(length(1, 9), shapes(2)).map(([time, rest]) => linearScanSubject(time, rest)),
  recurrent: record({
    cell: constantFrom(...recurrentCells),
    time: length(1, 6),
    batch: length(1, 6),
    inputs: length(1, 20),
    hidden: length(1, 20),
    bias: boolean(),
    mask: constantFrom('none', 'holes', 'ragged', 'empty rows and steps'),
    reverse: boolean(),
  }).map((shape) => recurrentSubject(shape)),
};

async function checkExample(check: Check, subject: Subject): Promise<void> {
  const layout = layouts[check.sample.integer(0, layouts.length)];
  await checkValue(check, subject, { layout });
  if (subject.differentiable !== false) await checkGradient(check, subject, { layout, differences: false });
}

/** An example by the shapes of its inputs and outputs. */
function describe(subject: Subject): string {
  const inputs = subject.inputs(new Sampler(0, subject.op));
  const outputs = expectedOf(subject, inputs) ?? [];
  const list = (xs: readonly HostArray[]): string => xs.map(({ shape }) => formatShape(shape)).join(', ');
  return `${subject.op} of ${list(inputs)} to ${list(outputs)}`;
}

/** Random shapes and layouts; a failing one is made as simple as it can be. */
export const propertyCases: readonly ConformanceCase[] = Object.entries(makers).map(([op, examples]) =>
  defineCase({ name: `${op}: gradient, of random shapes`, group: 'properties', op, kind: 'gradient' }, (check) =>
    forAll(check, examples, describe, (subject) => checkExample(check, subject)),
  ),
);

/** A permutation of `count` numbers. */
function shuffled(count: number, seed: number): number[] {
  const left = Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: count }, (_, index) => left.splice((seed >> (2 * index)) % left.length, 1)[0] as number);
}

/** A box somewhere inside. */
function sliceOf(shape: readonly number[], seed: number): Subject {
  const begin = shape.map((n, axis) => (seed >> axis) % (n + 1));
  const size = shape.map((n, axis) => (seed >> (2 * axis)) % (n - (begin[axis] as number) + 1));
  return sliceSubject(shape, begin, size);
}
