import {
  add,
  mul,
  relu,
  scan,
  scanSteps,
  sigmoid,
  sliceAxis,
  tanh,
  zeros,
  type Cell,
  type Tensor,
} from '@tempograd/core';
import type { Check } from '../check/Check.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { segmentSubject, userCells, type SegmentVariant, type UserCell } from '../subject/segmentSubjects.js';
import { valueOn, type TensorFunction } from '../subject/evaluate.js';
import { checkGradient, checkJvp, checkValue } from '../subject/subjectChecks.js';

const variants: readonly SegmentVariant[] = [
  { time: 5, mask: false, reverse: false },
  { time: 1, mask: false, reverse: false },
  { time: 6, mask: true, reverse: false },
  { time: 5, mask: false, reverse: true },
  { time: 6, mask: true, reverse: true },
];

/** What was computed came of a compiled segment, unless the backend said that it cannot compile this one. */
function requireCompiled(check: Check): void {
  const taken = check.measured().paths.filter(({ family }) => family === 'segment');
  const composed = taken.find(({ path, reason }) => path === 'composed' && !reason.endsWith('cannot compile its step'));
  check.require(
    taken.length > 0 && composed === undefined,
    `the segment was not compiled: ${composed?.reason ?? 'no path was reported'}`,
  );
}

function segmentCase(user: UserCell, variant: SegmentVariant, kind: 'value' | 'gradient' | 'jvp'): ConformanceCase {
  const subject = segmentSubject(user, variant);
  return defineCase(
    {
      name: `segment: ${kind}, ${subject.title}`,
      group: 'scan',
      op: 'segment',
      kind,
      requires: { family: 'segment' },
    },
    async (check) => {
      if (kind === 'jvp') return checkJvp(check, subject);
      if (kind === 'value') await checkValue(check, subject);
      else await checkGradient(check, subject, { differences: user.smooth ?? true });
      requireCompiled(check);
    },
  );
}

/** `h' = φ(w ⊙ h + x)` for each φ. */
const activated = [tanh, sigmoid, relu].map((activation): Cell<Tensor, Tensor> => ({
  initialCarry: (rows, options) => zeros([rows, 2], options),
  step: (w, h, x) => {
    const next = activation(add(mul(w, h), x));
    return { carry: next, output: next };
  },
}));

/** Cells whose steps have the same shapes and dtypes, in turn, over segments of several lengths. */
async function checkTurns(check: Check): Promise<void> {
  const inputs = [check.sample.floats([4, 3, 2]), check.sample.floats([2]), check.sample.floats([3, 2])];
  const over =
    (run: typeof scan): TensorFunction =>
    (x, w, h) =>
      [x, sliceAxis(x, 1, 3)].flatMap((segment) => activated.map((cell) => run(cell, w, h, segment).output));
  const actual = await valueOn(check.device, (...xs) => check.recordPaths(() => over(scan)(...xs)).result, inputs);
  const trusted = await valueOn(check.oracle, over(scanSteps), inputs);
  check.compareAll(actual, trusted, { measure: 'value', opClass: 'recurrent', what: 'the output' });
  requireCompiled(check);
}

/** Cells of users on a backend that compiles their steps, against the same steps one after another. */
export const segmentCases: readonly ConformanceCase[] = [
  ...userCells.flatMap((user) => [
    ...variants.flatMap((variant) => (['value', 'gradient'] as const).map((kind) => segmentCase(user, variant, kind))),
    ...(user.smooth === false ? [] : [segmentCase(user, variants[0] as SegmentVariant, 'jvp')]),
  ]),
  defineCase(
    {
      name: 'segment: value, cells of one signature in turn',
      group: 'scan',
      op: 'segment',
      kind: 'value',
      requires: { family: 'segment' },
    },
    checkTurns,
  ),
];
