import { createBackend } from '@tempograd/backend-js';
import { describe, expect, test } from 'vitest';
import { Check } from '../src/check/Check.js';
import { floats } from '../src/host/HostArray.js';
import { coreKit, runConformance, type Differences } from '../src/index.js';
import { compareWithDifferences } from '../src/subject/differences.js';
import { gradientOn, valueOn } from '../src/subject/evaluate.js';
import { linearSubject } from '../src/subject/fusedSubjects.js';
import { recurrentSubject } from '../src/subject/recurrentSubject.js';

const [backend, oracle] = [createBackend(), createBackend()];
const base = { time: 2, batch: 3, inputs: 4, hidden: 3, bias: true, mask: 'ragged', reverse: false } as const;
const subjects = {
  lstm: recurrentSubject({ ...base, cell: 'lstm' }),
  linear: linearSubject([5], 4, 3, true),
};

/** Compares a subject's gradient, with that of one float input changed, with finite differences. */
async function compare(
  differences: Differences,
  dtype: 'f32' | 'f64',
  subject: (typeof subjects)[keyof typeof subjects],
  change: (value: number, input: number, element: number) => number,
): Promise<number> {
  const context = {
    backend,
    oracle,
    dtype,
    differences,
    precision: 'full',
    seed: 1,
    families: [],
    kit: coreKit,
  } as const;
  const check = new Check(context, 'differences');
  const inputs = subject.inputs(check.sample);
  const outputs = await valueOn(check.device, subject.apply, inputs);
  const cotangents = outputs.map((y) => check.sample.floats(y.shape));
  const gradients = await gradientOn(check.device, subject.apply, inputs, cotangents);
  const changed = gradients.map(({ shape, values }, input) =>
    floats(
      shape,
      values.map((value, element) => change(value, input, element)),
    ),
  );
  await compareWithDifferences(check, subject.apply, inputs, cotangents, changed, subject.opClass);
  return gradients.length;
}

describe.each(['per input', 'jointly'] as const)('finite differences, %s', (differences) => {
  describe.each(['f32', 'f64'] as const)('%s', (dtype) => {
    test.each(Object.entries(subjects))('see a wrong gradient in any one input of %s', async (_, subject) => {
      const count = await compare(differences, dtype, subject, (value) => value);
      expect(count).toBeGreaterThan(2);
      for (let wrong = 0; wrong < count; wrong++) {
        const faults: Parameters<typeof compare>[3][] = [
          (value, input) => (input === wrong ? 0 : value),
          (value, input) => (input === wrong ? -value : value),
          (value, input) => (input === wrong ? 1.25 * value : value),
          (value, input, element) => (input === wrong && element === 0 ? value + 0.25 : value),
          (value, input, element) => (input === wrong && element === 0 ? NaN : value),
        ];
        for (const [fault, change] of faults.entries()) {
          await expect(
            compare(differences, dtype, subject, change),
            `fault ${fault} of input ${wrong}`,
          ).rejects.toThrow(
            differences === 'jointly' ? /along a random direction of inputs 0, 1.* and \d/ : `of input ${wrong}:`,
          );
        }
      }
    });
  });
});

test('of all inputs jointly they take four calls, of each by itself four for each', async () => {
  const callsWith = async (differences: Differences): Promise<number> => {
    let calls = 0;
    const counting = {
      ...backend,
      linearForward: (...args: Parameters<NonNullable<typeof backend.linearForward>>) => {
        calls++;
        return backend.linearForward!(...args);
      },
    };
    const only = { names: ['linear: gradient'], dtypes: ['f64'] as const };
    const { outcomes } = await runConformance({ backend: counting, oracle, only, differences });
    expect(outcomes.map(({ status }) => status)).toEqual(['passed']);
    return calls;
  };
  expect((await callsWith('per input')) - (await callsWith('jointly'))).toBe(4 * 3 - 4);
});

test('are taken in one of two ways', async () => {
  await expect(runConformance({ backend, oracle, differences: 'both' as never })).rejects.toThrow(
    '"per input", "jointly"',
  );
});
