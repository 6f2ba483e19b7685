import { describe, expect, test } from 'vitest';
import { monitor, type Finding } from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';
import { healthyRuns, sickRuns } from './fortyRuns.js';
import { stepsOf } from './runs.js';

withFreshBackend();

/** Updates that a run may take to get on: these are small, and learn fast. */
const patience = 40;

const kindsOf = (findings: readonly Finding[]): string[] => findings.map(({ kind }) => kind);

describe('a training that gets on is not disturbed', () => {
  test.each(Object.entries(healthyRuns))('%s', async (_name, run) => {
    const watch = monitor({ patience });
    const losses: number[] = [];
    const findings: Finding[] = [];
    for await (const step of stepsOf(run, 80)) {
      losses.push(step.loss);
      findings.push(...watch.see(step));
    }
    expect(findings).toEqual([]);
    // It does get on, so that it was right to say nothing.
    const mean = (part: readonly number[]): number => part.reduce((sum, loss) => sum + loss, 0) / part.length;
    expect(mean(losses.slice(-10))).toBeLessThan(0.7 * mean(losses.slice(0, 10)));
  });
});

describe('a training that goes wrong is told', () => {
  test.each(Object.entries(sickRuns))('%s', async (_name, { expected, ...run }) => {
    const watch = monitor({ patience });
    const findings: Finding[] = [];
    for await (const step of stepsOf(run, 80)) {
      findings.push(...watch.see(step));
      if (findings.some(({ kind }) => expected.includes(kind))) break;
    }
    expect(kindsOf(findings)).toEqual(expect.arrayContaining([expect.toBeOneOf([...expected])]));
    for (const { over, message, advice, since, update } of findings) {
      expect([over, since <= update]).toEqual([false, true]);
      expect(`${message} ${advice}`).not.toMatch(/undefined|NaN|Infinity/);
    }
  });
});
