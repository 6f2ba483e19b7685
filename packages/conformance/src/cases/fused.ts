import * as core from '@tempograd/core';
import type { Check } from '../check/Check.js';
import { layouts } from '../check/layouts.js';
import { softmaxCrossEntropyForm } from '../host/fusedForms.js';
import { floats, ints } from '../host/HostArray.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { gradientOn, valueOn, type TensorFunction } from '../subject/evaluate.js';
import {
  crossEntropySubject,
  globalNormSubject,
  layerNormSubject,
  linearScanSubject,
  linearSubject,
  summedCrossEntropySubject,
} from '../subject/fusedSubjects.js';
import { subjectCases } from '../subject/subjectCases.js';
import { checkGradient, checkValue } from '../subject/subjectChecks.js';

const subjects = [
  linearSubject([5], 4, 3, true),
  linearSubject([5], 4, 3, false, 'without bias'),
  linearSubject([2, 3], 7, 5, true, 'leading axes'),
  linearSubject([], 4, 3, true, 'a single row'),
  linearSubject([1], 1, 1, true, 'one element'),
  linearSubject([33], 17, 35, true, 'odd sizes'),
  linearSubject([0], 4, 3, true, 'no rows'),
  layerNormSubject([5, 6]),
  layerNormSubject([2, 3, 9], 'leading axes'),
  layerNormSubject([1, 33], 'one row'),
  crossEntropySubject([6], 5, 0),
  crossEntropySubject([6], 5, 0.1, 'label smoothing'),
  crossEntropySubject([5], 4, 0, 'rows ignored', [2, -1, 0, -100, 3]),
  crossEntropySubject([5], 4, 0.2, 'rows ignored, label smoothing', [2, -1, 0, -100, 3]),
  crossEntropySubject([3], 4, 0, 'every row ignored', [-1, -1, -100]),
  crossEntropySubject([1], 1, 0, 'one class'),
  crossEntropySubject([9], 131, 0, 'many classes'),
  summedCrossEntropySubject([2, 3], 4, 0.2, 'summed, rows ignored', [2, -1, 0, -100, 3, 1]),
  crossEntropySubject([3, 2], 5, 0.1, 'steps and rows'),
  crossEntropySubject([], 4, 0, 'a lone row'),
  globalNormSubject([[3, 4]]),
  globalNormSubject([[3, 4], [5], []], 'of several tensors'),
  linearScanSubject(1, [2, 3], 'one step'),
  linearScanSubject(5, [2, 3]),
  linearScanSubject(64, [3], 'many steps'),
  linearScanSubject(7, [], 'scalars'),
];

/** The backend's own backward pass and the composed one must give the same for every choice of inputs that are differentiated. */
async function checkEverySubset(
  check: Check,
  inputs: readonly ReturnType<typeof floats>[],
  fn: TensorFunction,
): Promise<void> {
  const cotangents = (await valueOn(check.oracle, fn, inputs)).map((y) => check.sample.floats(y.shape));
  const trusted = await gradientOn(check.oracle, fn, inputs, cotangents);
  for (let subset = 1; subset < 2 ** inputs.length; subset++) {
    const chosen = inputs.map((_, index) => index).filter((index) => (subset >> index) % 2 === 1);
    const actual = await check.device.run(() => {
      const fixed = inputs.map((x) => check.device.write(x));
      const ofChosen = (xs: core.Tensor[]): core.Tensor =>
        fn(
          ...fixed.map((x, index) => (chosen.includes(index) ? (xs[chosen.indexOf(index)] as core.Tensor) : x)),
        ) as core.Tensor;
      const { pullback } = core.vjp(
        ofChosen,
        chosen.map((index) => fixed[index] as core.Tensor),
      );
      try {
        return pullback(check.device.write(cotangents[0] as ReturnType<typeof floats>));
      } finally {
        pullback.dispose();
      }
    });
    const expected = chosen.map((index) => trusted[index] as ReturnType<typeof floats>);
    check.compareAll(actual, expected, {
      measure: 'gradient',
      opClass: 'product',
      what: `the gradient of inputs [${String(chosen)}] alone`,
    });
  }
}

/** Ops that a backend may do in one go; where it does not, the same cases test what core composes. */
export const fusedCases: readonly ConformanceCase[] = [
  ...subjects.flatMap((subject) => subjectCases('fused', subject)),
  ...[
    linearSubject([5], 4, 3, true),
    layerNormSubject([4, 6]),
    crossEntropySubject([6], 5, 0.1),
    globalNormSubject([[3, 4], [2]]),
    linearScanSubject(5, [2, 3]),
  ].flatMap((subject) => [
    defineCase(
      { name: `${subject.op}: value, of views`, group: 'fused', op: subject.op, kind: 'value' },
      async (check) => {
        for (const layout of layouts) await checkValue(check, subject, { layout });
      },
    ),
    defineCase(
      { name: `${subject.op}: gradient, of views`, group: 'fused', op: subject.op, kind: 'gradient' },
      async (check) => {
        for (const layout of layouts) await checkGradient(check, subject, { layout, differences: false });
      },
    ),
  ]),
  ...[
    [linearSubject([3], 5, 2, true), linearSubject([131], 67, 259, true)],
    [linearSubject([3], 5, 2, true), linearSubject([17], 1031, 19, true, 'a long inner length')],
    [layerNormSubject([3, 5]), layerNormSubject([131, 259])],
    [crossEntropySubject([3], 5, 0), crossEntropySubject([131], 259, 0.1)],
    [globalNormSubject([[3]]), globalNormSubject([[40_001], [131, 67]])],
    [linearScanSubject(3, [2]), linearScanSubject(33, [1031])],
  ].flatMap(([small, large]) => [
    defineCase(
      {
        name: `${large!.op}: gradient, large and small in turn${large!.title && `, ${large!.title}`}`,
        group: 'fused',
        op: large!.op,
        kind: 'gradient',
      },
      async (check) => {
        for (const subject of [small!, large!, small!]) {
          await checkValue(check, subject);
          await checkGradient(check, subject, { differences: false });
        }
      },
    ),
  ]),
  defineCase(
    { name: 'linear: gradient, of every choice of inputs', group: 'fused', op: 'linear', kind: 'gradient' },
    (check) =>
      checkEverySubset(
        check,
        [check.sample.floats([4, 3]), check.sample.floats([5, 3]), check.sample.floats([5])],
        (x, w, b) => core.linear(x, w, b),
      ),
  ),
  defineCase(
    { name: 'softmaxCrossEntropy: value, logits far from 0', group: 'fused', op: 'softmaxCrossEntropy', kind: 'value' },
    async (check) => {
      const logits = floats([3, 3], [1000, 0, -1000, -1000, -1001, -1002, 500, 500, 500]);
      const targets = ints([3], [0, 1, 2]);
      const actual = await valueOn(check.device, (x, y) => core.softmaxCrossEntropy(x, y), [logits, targets]);
      check.compareAll(actual, [softmaxCrossEntropyForm(logits, targets, 0)], {
        measure: 'value',
        opClass: 'normalised',
        what: 'the loss',
      });
    },
  ),
  defineCase(
    {
      name: 'softmaxCrossEntropy: value, label smoothing of logits far from 0',
      group: 'fused',
      op: 'softmaxCrossEntropy',
      kind: 'value',
    },
    async (check) => {
      const [million, huge] = [1e6, Math.fround(3e38)];
      const logits = floats(
        [3, 5],
        [
          ...[0, 1, -2, 0.5, 3].map((x) => million + x),
          ...[0, 1, -2, 0.5, 3].map((x) => x - million),
          huge,
          huge,
          huge,
          huge,
          huge,
        ],
      );
      const targets = ints([3], [1, 4, 2]);
      const actual = await valueOn(check.device, (x, y) => core.softmaxCrossEntropy(x, y, 0.2), [logits, targets]);
      check.compareAll(actual, [softmaxCrossEntropyForm(logits, targets, 0.2)], {
        measure: 'value',
        opClass: 'normalised',
        what: 'the loss',
      });
    },
  ),
  ...[0, 0.1].map((smoothing) =>
    defineCase(
      {
        name: `softmaxCrossEntropy: gradient, a target beyond the classes${smoothing === 0 ? '' : ', label smoothing'}`,
        group: 'fused',
        op: 'softmaxCrossEntropy',
        kind: 'gradient',
        mayDeviate: true,
      },
      async (check) => {
        // The rows beside it are as ever.
        const [logits, targets] = [check.sample.floats([4, 3]), ints([4], [2, 3, 1_000_000, 0])];
        const sane = ints([4], [2, 0, 0, 0]);
        const loss = (x: core.Tensor, y: core.Tensor): core.Tensor => core.softmaxCrossEntropy(x, y, smoothing);
        const cotangent = check.sample.floats([4], { low: 1, high: 2 });
        const expected = softmaxCrossEntropyForm(logits, targets, smoothing);
        check.compareAll(await valueOn(check.device, loss, [logits, targets]), [expected], {
          measure: 'value',
          opClass: 'normalised',
          what: 'the loss',
        });
        const [right] = await gradientOn(check.oracle, loss, [logits, sane], [cotangent]);
        const spoilt = floats(
          [4, 3],
          right!.values.map((x, index) => (index >= 3 && index < 9 ? NaN : x)),
        );
        check.compareAll(await gradientOn(check.device, loss, [logits, targets], [cotangent]), [spoilt], {
          measure: 'gradient',
          opClass: 'normalised',
          what: 'the gradient',
        });
      },
    ),
  ),
  defineCase(
    {
      name: 'softmaxCrossEntropy: gradient, of an ignored row is exactly 0',
      group: 'fused',
      op: 'softmaxCrossEntropy',
      kind: 'gradient',
    },
    async (check) => {
      const [logits, targets] = [check.sample.floats([3, 4]), ints([3], [-1, 2, -100])];
      const cotangent = check.sample.floats([3], { low: 1, high: 2 });
      const [gradient] = await gradientOn(
        check.device,
        (x, y) => core.softmaxCrossEntropy(x, y),
        [logits, targets],
        [cotangent],
      );
      const ignored = [...gradient!.values.subarray(0, 4), ...gradient!.values.subarray(8)];
      check.require(
        ignored.every((x) => x === 0),
        `ignored rows have the gradient ${ignored.join(', ')}, expected zeros`,
      );
    },
  ),
  defineCase(
    {
      name: 'globalNorm: gradient, at 0 is 0',
      group: 'fused',
      op: 'globalNorm',
      kind: 'gradient',
      mayDeviate: true,
      requires: { family: 'globalNorm' },
    },
    async (check) => {
      const gradient = await gradientOn(
        check.device,
        (x) => core.globalNorm([x]),
        [floats([3], [0, 0, 0])],
        [floats([], [1])],
      );
      check.compareAll(gradient, [floats([3], [0, 0, 0])], {
        measure: 'value',
        opClass: 'exact',
        what: 'the gradient',
      });
    },
  ),
];
