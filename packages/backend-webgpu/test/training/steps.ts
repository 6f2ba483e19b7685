import { createBackend as createOracle } from '@tempograd/backend-js';
import { fit } from '@tempograd/nn';
import type { TrainingStep } from '@tempograd/nn';
import { expect } from 'vitest';
import { charTraining, release } from './training.js';
import type { CharTraining } from './training.js';

/** What of a step does not depend on the backend, and what does within rounding. */
const facts = ({ update, epoch, items, lossSteps }: TrainingStep): unknown => ({ update, epoch, items, lossSteps });

/** All steps of a training. */
export async function stepsOf(options: CharTraining): Promise<TrainingStep[]> {
  const steps: TrainingStep[] = [];
  for await (const step of fit(options)) steps.push(step);
  return steps;
}

/** Holds steps to others, of another backend perhaps. */
export function expectSame(actual: readonly TrainingStep[], expected: readonly TrainingStep[]): void {
  expect(actual.map(facts)).toEqual(expected.map(facts));
  actual.forEach(({ loss, gradientNorm }, index) => {
    expect(loss).toBeCloseTo(expected[index]!.loss, 4);
    expect(gradientNorm).toBeCloseTo(expected[index]!.gradientNorm, 4);
  });
}

/** What the reference makes of a training. */
export async function referenceSteps(steps: number, updates: number): Promise<TrainingStep[]> {
  const options = charTraining(createOracle(), steps, { updates });
  const expected = await stepsOf(options);
  release(options);
  return expected;
}
