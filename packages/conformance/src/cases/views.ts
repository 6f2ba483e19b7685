import { layouts } from '../check/layouts.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import {
  binarySubject,
  compareSubject,
  concatSubject,
  flipSubject,
  gatherSubject,
  matmulSubject,
  reduceSubject,
  reshapeSubject,
  scatterAddSubject,
  selectSubject,
  sliceSubject,
  transposeSubject,
  unarySubject,
} from '../subject/opSubjects.js';
import { checkGradient, checkValue } from '../subject/subjectChecks.js';
import * as core from '@tempograd/core';
import { ints } from '../host/HostArray.js';
import { sliceForm } from '../host/closedForms.js';

const subjects = [
  unarySubject('tanh', [5, 6]),
  unarySubject('relu', [5, 6]),
  binarySubject('add', [5, 6], [6]),
  binarySubject('mul', [5, 6], [5, 6]),
  compareSubject('less', [5, 6], [6]),
  selectSubject([5, 6], [5, 6], [5, 6]),
  reduceSubject('sum', [5, 6], [0]),
  reduceSubject('max', [5, 6], [1]),
  matmulSubject([5, 6], [6, 7], false, false, 'plain'),
  matmulSubject([6, 5], [7, 6], true, true, 'both transposed'),
  matmulSubject([2, 3, 4], [2, 4, 3], false, false, 'batched'),
  reshapeSubject([5, 6], [3, 10]),
  transposeSubject([5, 6], [1, 0]),
  sliceSubject([5, 6], [1, 2], [3, 3]),
  flipSubject([5, 6], [0]),
  concatSubject(
    [
      [5, 6],
      [2, 6],
    ],
    0,
  ),
  gatherSubject([5, 6], [7]),
  scatterAddSubject([7], [6], 5),
];

/** Inputs and upstream gradients that are parts of other buffers, with NaN around them, or were turned before. */
export const viewsCases: readonly ConformanceCase[] = [
  ...subjects.flatMap((subject) => {
    const named = `${subject.op}${subject.title && ` ${subject.title}`}`;
    const kinds = subject.differentiable === false ? (['value'] as const) : (['value', 'gradient'] as const);
    return kinds.map((kind) =>
      defineCase({ name: `${named}: ${kind}, of views`, group: 'views', op: subject.op, kind }, async (check) => {
        for (const layout of layouts) {
          if (kind === 'value') await checkValue(check, subject, { layout });
          else await checkGradient(check, subject, { layout, differences: false });
        }
      }),
    );
  }),
  defineCase(
    { name: 'slice: value, of a slice of a reshape', group: 'views', op: 'slice', kind: 'value' },
    async (check) => {
      const x = check.sample.floats([4, 6]);
      const actual = await check.device.run(() => {
        const rows = core.slice(core.reshape(check.device.write(x), [8, 3]), [1, 0], [6, 3]);
        return [core.slice(rows, [2, 0], [3, 3]), core.reshape(core.slice(rows, [5, 0], [1, 3]), [3])];
      });
      const rows = { ...x, shape: [8, 3] };
      const expected = [sliceForm(rows, [3, 0], [3, 3]), { ...sliceForm(rows, [6, 0], [1, 3]), shape: [3] }];
      check.compareAll(actual, expected, { measure: 'value', opClass: 'exact', what: 'the value' });
    },
  ),
  defineCase(
    { name: 'slice: value, of integers as indices and masks', group: 'views', op: 'slice', kind: 'value' },
    async (check) => {
      const rows = ints([3, 4], [0, 1, 2, 3, 3, 0, 2, 1, 1, 1, 0, 2]);
      const x = check.sample.floats([4]);
      const actual = await check.device.run(() => {
        const chosen = core.sliceAxis(check.device.write(rows), 1, 2);
        return [core.gather(check.device.write(x), chosen), core.select(chosen, 1, 2)];
      });
      const chosen = sliceForm(rows, [1, 0], [1, 4]);
      const expected = [
        { ...chosen, kind: 'float' as const, values: chosen.values.map((row) => x.values[row] as number) },
        { ...chosen, values: chosen.values.map((row) => (row === 0 ? 2 : 1)) },
      ];
      check.compareAll(actual, expected, { measure: 'value', opClass: 'exact', what: 'the value' });
    },
  ),
];
