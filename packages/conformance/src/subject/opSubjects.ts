import * as core from '@tempograd/core';
import type { Tensor } from '@tempograd/core';
import { sizeOf, type BinaryOp, type CompareOp, type Shape, type UnaryOp } from '@tempograd/core/backend';
import * as forms from '../host/closedForms.js';
import type { HostArray } from '../host/HostArray.js';
import { map, zip } from '../host/indexing.js';
import type { Range, Sampler } from '../host/Sampler.js';
import type { Subject } from './Subject.js';

/** Subjects of the primitives, by shape: the cases of several groups are made of these. */

type Draw = (sample: Sampler, shape: Shape) => HostArray;

const draw =
  (range: Range): Draw =>
  (sample, shape) =>
    sample.floats(shape, range);

const anywhere = draw({ low: -2, high: 2 });
/** Away from the kinks and jumps at 0 and ±1, further than a finite difference reaches. */
const offKinks = draw({ low: 0.125, high: 0.875, signed: true });
const positive = draw({ low: 0.5, high: 2 });

/** Where each function is defined and smooth. */
const unaryDomain: Readonly<Record<UnaryOp, Draw>> = {
  neg: anywhere,
  abs: offKinks,
  sign: offKinks,
  floor: offKinks,
  exp: anywhere,
  log: positive,
  log1p: draw({ low: -0.5, high: 2 }),
  sqrt: positive,
  sin: draw({ low: -6, high: 6 }),
  cos: draw({ low: -6, high: 6 }),
  tanh: anywhere,
  sigmoid: draw({ low: -4, high: 4 }),
  relu: offKinks,
};

const exactUnary: readonly UnaryOp[] = ['neg', 'abs', 'sign', 'floor', 'relu'];

export function unarySubject(op: UnaryOp, shape: Shape, title = ''): Subject {
  return {
    op,
    title,
    opClass: exactUnary.includes(op) ? 'exact' : 'elementwise',
    inputs: (sample) => [unaryDomain[op](sample, shape)],
    apply: core[op],
    expected: (x) => map(x, forms.unaryForms[op]),
  };
}

/** Pairs that are never closer than finite differences reach: for maximum and minimum. */
const apart: Draw = (sample, shape) => map(sample.integers(shape, -8, 8), (x) => Math.fround(x / 4));

const binaryDomain: Readonly<Record<BinaryOp, readonly [Draw, Draw]>> = {
  add: [anywhere, anywhere],
  sub: [anywhere, anywhere],
  mul: [anywhere, anywhere],
  div: [anywhere, draw({ low: 0.5, high: 2, signed: true })],
  pow: [positive, anywhere],
  maximum: [asFloats(apart), asFloats((sample, shape) => map(apart(sample, shape), (x) => x + 0.125))],
  minimum: [asFloats(apart), asFloats((sample, shape) => map(apart(sample, shape), (x) => x + 0.125))],
};

function asFloats(source: Draw): Draw {
  return (sample, shape) => ({ ...source(sample, shape), kind: 'float' });
}

export function binarySubject(op: BinaryOp, a: Shape, b: Shape, title = ''): Subject {
  const [drawA, drawB] = binaryDomain[op];
  return {
    op,
    title,
    opClass: op === 'maximum' || op === 'minimum' ? 'exact' : 'elementwise',
    inputs: (sample) => [drawA(sample, a), drawB(sample, b)],
    apply: (x, y) => core[op](x, y),
    expected: (x, y) => zip([x, y], forms.binaryForms[op]),
  };
}

export function compareSubject(op: CompareOp, a: Shape, b: Shape, title = ''): Subject {
  return {
    op,
    title,
    opClass: 'exact',
    differentiable: false,
    // Few different values, so that many pairs are equal.
    inputs: (sample) => [asFloats(apart)(sample, a), asFloats(apart)(sample, b)],
    apply: (x, y) => core[op](x, y),
    expected: (x, y) => zip([x, y], forms.compareForms[op], 'i32'),
  };
}

export function selectSubject(condition: Shape, a: Shape, b: Shape, title = ''): Subject {
  return {
    op: 'select',
    title,
    opClass: 'exact',
    inputs: (sample) => [sample.integers(condition, -1, 2), sample.floats(a), sample.floats(b)],
    apply: (c, x, y) => core.select(c, x, y),
    expected: (c, x, y) => zip([c, x, y], (k, p, q) => (k !== 0 ? p : q)),
  };
}

export function matmulSubject(a: Shape, b: Shape, transposeA: boolean, transposeB: boolean, title = ''): Subject {
  return {
    op: 'matmul',
    title,
    opClass: 'product',
    inputs: (sample) => [sample.floats(a), sample.floats(b)],
    apply: (x, y) => core.matmul(x, y, { transposeA, transposeB }),
    expected: (x, y) => forms.matmulForm(x, y, transposeA, transposeB),
  };
}

export function reduceSubject(op: 'sum' | 'max', shape: Shape, axes: readonly number[], title = ''): Subject {
  return {
    op,
    title,
    opClass: op === 'max' ? 'exact' : sizeOf(shape) > 2 ** 15 ? 'longSum' : 'product',
    // Mostly positive numbers, whose sum does not cancel; or all different, further apart than finite differences reach.
    inputs: (sample) => [op === 'sum' ? sample.floats(shape, { low: -0.5 }) : distinct(sample, shape)],
    apply: (x) => core[op](x, { axes }),
    expected: (x) => (op === 'sum' ? forms.sumForm(x, axes) : forms.maxForm(x, axes)),
  };
}

/** Numbers in random order, all at least 1/4 apart. */
export function distinct(sample: Sampler, shape: Shape): HostArray {
  const x = sample.floats(shape);
  const order = sample.permutation(x.values.length);
  return { ...x, values: x.values.map((_, index) => ((order[index] as number) - x.values.length / 2) / 4) };
}

export function reshapeSubject(from: Shape, to: Shape, title = ''): Subject {
  return moving(
    'reshape',
    title,
    from,
    (x) => core.reshape(x, to),
    (x) => forms.reshapeForm(x, to),
  );
}

export function transposeSubject(shape: Shape, permutation: readonly number[], title = ''): Subject {
  return moving(
    'transpose',
    title,
    shape,
    (x) => core.transpose(x, permutation),
    (x) => forms.transposeForm(x, permutation),
  );
}

export function broadcastSubject(from: Shape, to: Shape, title = ''): Subject {
  return moving(
    'broadcastTo',
    title,
    from,
    (x) => core.broadcastTo(x, to),
    (x) => forms.broadcastForm(x, to),
  );
}

export function sliceSubject(shape: Shape, begin: readonly number[], size: readonly number[], title = ''): Subject {
  return moving(
    'slice',
    title,
    shape,
    (x) => core.slice(x, begin, size),
    (x) => forms.sliceForm(x, begin, size),
  );
}

export function flipSubject(shape: Shape, axes: readonly number[], title = ''): Subject {
  return moving(
    'flip',
    title,
    shape,
    (x) => core.flip(x, axes),
    (x) => forms.flipForm(x, axes),
  );
}

function moving(
  op: string,
  title: string,
  shape: Shape,
  apply: (x: Tensor) => Tensor,
  expected: (x: HostArray) => HostArray,
): Subject {
  return { op, title, opClass: 'exact', inputs: (sample) => [sample.floats(shape)], apply, expected };
}

export function concatSubject(shapes: readonly Shape[], axis: number, title = ''): Subject {
  return {
    op: 'concat',
    title,
    opClass: 'exact',
    inputs: (sample) => shapes.map((shape) => sample.floats(shape)),
    apply: (...xs) => core.concat(xs, axis),
    expected: (...xs) => forms.concatForm(xs, axis),
  };
}

export function gatherSubject(shape: Shape, indices: Shape, title = ''): Subject {
  return {
    op: 'gather',
    title,
    opClass: 'exact',
    inputs: (sample) => [sample.floats(shape), sample.integers(indices, 0, shape[0] as number)],
    apply: (x, rows) => core.gather(x, rows),
    expected: (x, rows) => forms.gatherForm(x, rows),
  };
}

export function scatterAddSubject(indices: Shape, rest: Shape, rows: number, title = ''): Subject {
  return {
    op: 'scatterAdd',
    title,
    opClass: 'product',
    inputs: (sample) => [sample.integers(indices, 0, rows), sample.floats([...indices, ...rest])],
    apply: (at, updates) => core.scatterAdd(at, updates, rows),
    expected: (at, updates) => forms.scatterAddForm(at, updates, rows),
  };
}
