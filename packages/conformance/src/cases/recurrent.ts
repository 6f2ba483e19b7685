import { vjp, type Tensor } from '@tempograd/core';
import { recurrentCells, type RecurrentCell } from '@tempograd/core/backend';
import type { Check } from '../check/Check.js';
import { layouts } from '../check/layouts.js';
import { build, floats, type HostArray } from '../host/HostArray.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { gradientOn, valueOn } from '../subject/evaluate.js';
import {
  cutSegmentOp,
  recurrentSubject,
  sampleSegment,
  segmentInputs,
  segmentOp,
  type SegmentShape,
} from '../subject/recurrentSubject.js';
import { subjectCases } from '../subject/subjectCases.js';
import { checkGradient, checkValue } from '../subject/subjectChecks.js';

type Variant = Omit<SegmentShape, 'cell'>;

const plain: Variant = { time: 5, batch: 3, inputs: 4, hidden: 3, bias: true, mask: 'none', reverse: false };

const variants: readonly (readonly [title: string, variant: Variant])[] = [
  ['', plain],
  ['one step', { ...plain, time: 1 }],
  ['two steps', { ...plain, time: 2 }],
  ['one row', { ...plain, time: 7, batch: 1 }],
  ['no rows', { ...plain, batch: 0 }],
  ['no rows, masked', { ...plain, batch: 0, mask: 'holes', reverse: true }],
  ['no inputs', { ...plain, time: 7, inputs: 0 }],
  ['no units', { ...plain, time: 7, hidden: 0 }],
  ['one unit', { ...plain, inputs: 1, hidden: 1 }],
  ['many steps', { ...plain, time: 64, batch: 2 }],
  ['odd sizes', { ...plain, batch: 5, inputs: 17, hidden: 19 }],
  ['without biases', { ...plain, bias: false }],
  ['mask with holes', { ...plain, time: 7, mask: 'holes' }],
  ['ragged mask', { ...plain, time: 7, mask: 'ragged' }],
  ['rows and steps that are masked throughout', { ...plain, mask: 'empty rows and steps' }],
  ['one row, masked throughout', { ...plain, batch: 1, mask: 'empty rows and steps' }],
  ['reversed', { ...plain, reverse: true }],
  ['reversed, ragged mask', { ...plain, time: 7, reverse: true, mask: 'ragged' }],
  ['reversed, mask with holes, without biases', { ...plain, time: 7, reverse: true, mask: 'holes', bias: false }],
];

const masked: Variant = { ...plain, time: 6, mask: 'holes' };

/** The loss may depend on any of output, h and c: each subset gives the oracle's gradient. */
async function checkOutputSubsets(check: Check, shape: SegmentShape): Promise<void> {
  const inputs = segmentInputs(sampleSegment(check.sample, shape));
  const op = segmentOp(shape);
  const outputs = await valueOn(check.oracle, op, inputs);
  const all = outputs.map((y) => check.sample.floats(y.shape));
  for (let subset = 1; subset < 2 ** outputs.length; subset++) {
    const cotangents = all.map((x, index) => ((subset >> index) % 2 === 1 ? x : null));
    const actual = await gradientOn(check.device, op, inputs, cotangents);
    const trusted = await gradientOn(check.oracle, op, inputs, cotangents);
    const which = ['output', 'h', 'c'].filter((_, index) => (subset >> index) % 2 === 1).join(' and ');
    check.compareAll(actual, trusted, {
      measure: 'gradient',
      opClass: 'recurrent',
      what: `with a loss on ${which} alone, the gradient of input`,
    });
  }
}

/** Some inputs may be fixed: the gradients of the others do not change. */
async function checkInputSubsets(check: Check, shape: SegmentShape): Promise<void> {
  const inputs = segmentInputs(sampleSegment(check.sample, shape));
  const op = segmentOp(shape);
  const cotangents = (await valueOn(check.oracle, op, inputs)).map((y) => check.sample.floats(y.shape));
  const trusted = await gradientOn(check.oracle, op, inputs, cotangents);
  const choices = [[0], [1], [2], [3], [1, 2], [0, 3], [trusted.length - 1]];
  for (const chosen of choices) {
    const actual = await check.device.run(() => {
      const fixed = inputs.map((x) => check.device.write(x));
      const { pullback } = vjp(
        (xs: Tensor[]) =>
          op(...fixed.map((x, index) => (chosen.includes(index) ? (xs[chosen.indexOf(index)] as Tensor) : x))),
        chosen.map((index) => fixed[index] as Tensor),
      );
      try {
        return pullback(cotangents.map((x) => check.device.write(x)));
      } finally {
        pullback.dispose();
      }
    });
    const expected = chosen.map((index) => trusted[index] as HostArray);
    check.compareAll(actual, expected, {
      measure: 'gradient',
      opClass: 'recurrent',
      what: `the gradient of inputs [${String(chosen)}] alone`,
    });
  }
}

/** A segment run in two parts gives the same as run whole, gradients included. */
async function checkCut(check: Check, shape: SegmentShape): Promise<void> {
  const inputs = segmentInputs(sampleSegment(check.sample, shape));
  const whole = segmentOp(shape);
  const cotangents = (await valueOn(check.oracle, whole, inputs)).map((y) => check.sample.floats(y.shape));
  const expected = await gradientOn(check.oracle, whole, inputs, cotangents);
  const actual = await gradientOn(check.device, cutSegmentOp(shape, 2), inputs, cotangents);
  check.compareAll(actual, expected, {
    measure: 'gradient',
    opClass: 'recurrent',
    what: 'cut in two, the gradient of input',
  });
}

/** Inputs of ±100 saturate every gate: values stay in range, and gradients stay finite. */
async function checkSaturation(check: Check, cell: RecurrentCell): Promise<void> {
  const shape: SegmentShape = { ...plain, cell };
  const segment = sampleSegment(check.sample, shape);
  const signs = check.sample.signs(segment.input.shape);
  const input = build(segment.input.shape, (i) => 100 * (signs.values[i] as number));
  const inputs = segmentInputs({ ...segment, input });
  const cotangents = [floats([5, 3, 3], new Float64Array(45).fill(1))];
  const output = (...xs: Tensor[]): Tensor => segmentOp(shape)(...xs)[0] as Tensor;
  const comparison = { measure: 'value', opClass: 'recurrent', what: 'the output' } as const;
  check.compareAll(
    await valueOn(check.device, output, inputs),
    await valueOn(check.oracle, output, inputs),
    comparison,
  );
  const actual = await gradientOn(check.device, output, inputs, cotangents);
  const trusted = await gradientOn(check.oracle, output, inputs, cotangents);
  // The gradients are tiny where gates are saturated: only those of order 1 have correct digits left in f32.
  const largest = Math.max(...trusted.flatMap((x) => [...x.values].map(Math.abs)), 1);
  const scaled = (xs: readonly HostArray[]): HostArray =>
    floats(
      [xs.reduce((n, x) => n + x.values.length, 1)],
      [1, ...xs.flatMap((x) => [...x.values].map((v) => v / largest))],
    );
  check.compare(scaled(actual), scaled(trusted), {
    measure: 'gradient',
    opClass: 'recurrent',
    what: 'the gradients, relative to the largest',
  });
}

const gradientCase = (cell: RecurrentCell, title: string, body: (check: Check) => Promise<void>): ConformanceCase =>
  defineCase({ name: `${cell}: gradient, ${title}`, group: 'recurrent', op: cell, kind: 'gradient' }, body);

/** Standard cells over whole segments; where a backend has no kernel for them, the same cases test what core composes. */
export const recurrentCases: readonly ConformanceCase[] = recurrentCells.flatMap((cell) => [
  ...variants.flatMap(([title, variant]) =>
    subjectCases('recurrent', recurrentSubject({ ...variant, cell }, title), {
      kinds: title === '' ? ['value', 'gradient', 'jvp'] : ['value', 'gradient'],
    }),
  ),
  gradientCase(cell, 'of every subset of outputs', (check) => checkOutputSubsets(check, { ...plain, cell })),
  gradientCase(cell, 'of every subset of outputs, masked', (check) =>
    checkOutputSubsets(check, { ...masked, cell, reverse: true }),
  ),
  gradientCase(cell, 'of some inputs alone', (check) => checkInputSubsets(check, { ...plain, cell })),
  gradientCase(cell, 'cut in two', (check) => checkCut(check, { ...plain, cell })),
  gradientCase(cell, 'cut in two, masked', (check) => checkCut(check, { ...masked, cell })),
  gradientCase(cell, 'saturated', (check) => checkSaturation(check, cell)),
  defineCase({ name: `${cell}: gradient, of views`, group: 'recurrent', op: cell, kind: 'gradient' }, async (check) => {
    const subject = recurrentSubject({ ...masked, cell });
    for (const layout of layouts) {
      await checkValue(check, subject, { layout });
      await checkGradient(check, subject, { layout, differences: false });
    }
  }),
  defineCase(
    { name: `${cell}: gradient, large and small in turn`, group: 'recurrent', op: cell, kind: 'gradient' },
    async (check) => {
      const small = recurrentSubject({ ...plain, cell });
      const large = recurrentSubject({ ...masked, cell, time: 9, batch: 33, inputs: 65, hidden: 67 });
      for (const subject of [small, large, small]) {
        await checkValue(check, subject);
        await checkGradient(check, subject, { differences: false });
      }
    },
  ),
]);
