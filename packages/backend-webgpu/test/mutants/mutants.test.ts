import { createBackend as createOracle } from '@tempograd/backend-js';
import { runConformance } from '@tempograd/conformance';
import type { CaseOutcome } from '@tempograd/conformance';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Internals } from '../../src/createBackend.js';
import { openDevice } from '../support/device.js';
import { elementwiseMutants } from './elementwise.js';
import { layoutMutants } from './layout.js';
import { mutationOf, pathOf, withBackend } from './Mutant.js';
import type { Mutant } from './Mutant.js';
import { normMutants } from './norm.js';
import { optimiserMutants } from './optimiser.js';
import { productMutants } from './product.js';
import { recurrentMutants } from './recurrent.js';
import { recurrentBackwardMutants } from './recurrentBackward.js';
import { reduceMutants } from './reduce.js';

const families = {
  'elementwise ops': elementwiseMutants,
  layout: layoutMutants,
  products: productMutants,
  'reductions and rows': reduceMutants,
  'norms, scans and random numbers': normMutants,
  optimisers: optimiserMutants,
  'segments, forward': recurrentMutants,
  'segments, backward': recurrentBackwardMutants,
};

let device: GPUDevice;
beforeAll(async () => {
  device = await openDevice();
});
afterAll(() => device.destroy());

async function outcomesOf(internals: Internals, names: readonly string[]): Promise<readonly CaseOutcome[]> {
  const outcomes: CaseOutcome[] = [];
  await withBackend(internals, { device }, async (backend) => {
    const oracle = createOracle();
    const report = await runConformance({ backend, oracle, only: { names } });
    expect(report.lost).toBeNull();
    outcomes.push(...report.outcomes);
  });
  return outcomes;
}

test('without a fault, whatever is to see one passes', async () => {
  const all: readonly Mutant[] = Object.values(families).flat();
  for (const path of [undefined, 'step'] as const) {
    const those = all.filter((mutant) => mutant.path === path);
    const names = new Set(those.flatMap(({ caughtBy }) => (typeof caughtBy === 'function' ? [] : caughtBy)));
    const outcomes = await outcomesOf(pathOf(path), [...names]);
    expect(outcomes.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(outcomes.map(({ name }) => name).sort()).toEqual([...names].sort());
  }
  for (const { caughtBy } of all) if (typeof caughtBy === 'function') await caughtBy({});
});

describe.each(Object.entries(families))('mutants of %s are rejected', (_, mutants) => {
  test.each(mutants)('$file: $name', async (mutant) => {
    const { caughtBy } = mutant;
    const { internals, compiled } = mutationOf(mutant);
    if (typeof caughtBy === 'function') {
      const error = await caughtBy(internals).then(
        () => null,
        (cause: unknown) => cause as Error,
      );
      expect(error?.message).toEqual(expect.not.stringMatching(refusal));
    } else {
      const outcomes = await outcomesOf(internals, caughtBy);
      const caught = outcomes.filter(({ status }) => status === 'failed');
      expect(caught.map(({ name }) => name).sort()).toEqual([...caughtBy].sort());
      for (const { failure } of caught) expect(failure).not.toMatch(refusal);
    }
    expect([...compiled]).not.toEqual([]);
  });
});

/** What a shader that does not compile would fail by, whatever its fault. */
const refusal = /The GPU (refused|device|has no)/;
