import * as core from '@tempograd/core';
import type { Tensor } from '@tempograd/core';
import type { OpClass } from '../check/tolerances.js';
import { ints, type HostArray } from '../host/HostArray.js';
import type { Sampler } from '../host/Sampler.js';
import { distinct } from './opSubjects.js';
import type { Subject } from './Subject.js';

/** Subjects of the functions that core makes of primitives, against the oracle, which has the host sort. */

type Draw = (sample: Sampler) => readonly HostArray[];

const shape = [3, 6];
const anywhere: Draw = (sample) => [sample.floats(shape, { low: -3, high: 3 })];
/** Away from 0 and ±1, where some have kinks. */
const offKinks: Draw = (sample) => [sample.floats(shape, { low: 0.125, high: 0.875, signed: true })];
const apart: Draw = (sample) => [distinct(sample, shape)];
/** Many equal ones. */
const equals: Draw = (sample) => [sample.integers(shape, -2, 3)];
const asFloats: Draw = (sample) => equals(sample).map((x) => ({ ...x, kind: 'float' }));

const one = (
  op: string,
  opClass: OpClass,
  inputs: Draw,
  apply: (x: Tensor) => Tensor | readonly Tensor[],
  title = '',
): Subject => ({ op, title, opClass, inputs, apply });

/** With gradients. */
export const smoothFunctions: readonly Subject[] = [
  one('softmax', 'normalised', anywhere, (x) => core.softmax(x)),
  one('softmax', 'normalised', anywhere, (x) => core.softmax(x, { axis: 0, mask: core.less(x, 2) }), 'with a mask'),
  one('logSoftmax', 'normalised', anywhere, (x) => core.logSoftmax(x)),
  one('logSumExp', 'normalised', anywhere, (x) => core.logSumExp(x, { axes: 1 })),
  one('softplus', 'elementwise', anywhere, core.softplus),
  one('gelu', 'normalised', anywhere, core.gelu),
  one('silu', 'elementwise', anywhere, core.silu),
  one('elu', 'elementwise', offKinks, (x) => core.elu(x)),
  one('clamp', 'exact', offKinks, (x) => core.clamp(x, -1, 1)),
  one('min', 'exact', apart, (x) => core.min(x, { axes: 0 })),
  one('prod', 'product', offKinks, (x) => core.prod(x, { axes: 1 })),
  one('variance', 'normalised', anywhere, (x) => core.variance(x, { axes: 1 })),
  one('std', 'normalised', anywhere, (x) => core.std(x, { axes: 0 })),
  one('norm', 'normalised', anywhere, (x) => core.norm(x, { axes: 1 })),
  one('cumsum', 'product', anywhere, (x) => core.cumsum(x, { axis: 1 })),
  one('cumprod', 'product', offKinks, (x) => core.cumprod(x, { axis: 0, reverse: true })),
  one('cummax', 'exact', apart, (x) => core.cummax(x, { axis: 1 })),
  one('sort', 'exact', apart, (x) => core.sort(x)),
  one('sort', 'exact', apart, (x) => core.sort(x, { axis: 0, descending: true }), 'descending, of columns'),
  one('topK', 'exact', apart, (x) => core.topK(x, 3).values),
  one('pad', 'exact', anywhere, (x) => core.pad(x, [[1, 0], [0, 2]], 2)), // prettier-ignore
  one('roll', 'exact', anywhere, (x) => core.roll(x, 2, 1)),
  one('tril', 'exact', anywhere, (x) => core.tril(x, 1)),
  one('tile', 'exact', anywhere, (x) => core.tile(x, [2, 1])),
  {
    op: 'takeAlong',
    title: '',
    opClass: 'exact',
    inputs: (sample) => [sample.floats(shape), sample.integers([3, 4], 0, 6)],
    apply: (x, indices) => core.takeAlong(x, indices, 1),
  },
  {
    op: 'gather',
    title: 'along the last axis',
    opClass: 'exact',
    inputs: (sample) => [sample.floats(shape), sample.integers([2, 2], 0, 6)],
    apply: (x, indices) => core.gather(x, indices, 1),
  },
];

/** Without gradients: positions and conditions, of many equal elements. */
export const discreteFunctions: readonly Subject[] = [
  one('argmax', 'exact', asFloats, (x) => core.argmax(x)),
  one('argmax', 'exact', equals, (x) => core.argmax(x, { axis: 0 }), 'of integers, along the first axis'),
  one('argmin', 'exact', asFloats, (x) => core.argmin(x, { keepAxes: true })),
  one('argsort', 'exact', asFloats, (x) => core.argsort(x)),
  one('argsort', 'exact', equals, (x) => core.argsort(x, { axis: 0, descending: true }), 'of integers, descending'),
  one('topK', 'exact', asFloats, (x) => core.topK(x, 4, { smallest: true }).indices, 'positions of the smallest'),
  one('any', 'exact', asFloats, (x) => [core.any(x, { axes: 0 }), core.all(x, { axes: 1 })], 'and all'),
  one('round', 'exact', asFloats, (x) => core.round(core.mul(x, 0.5)), 'of halves'),
  one('cumsum', 'exact', equals, (x) => core.cumsum(x, { axis: 0 }), 'of integers'),
  one(
    'oneHot',
    'exact',
    () => [ints([2, 2], [0, 3, 2, 3])],
    (x) => core.oneHot(x, 4, { dtype: 'i32' }),
  ),
].map((subject): Subject => ({ ...subject, differentiable: false }));
