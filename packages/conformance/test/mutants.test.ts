import { createBackend } from '@tempograd/backend-js';
import { coreKit, runConformance } from '@tempograd/conformance';
import { describe, expect, test } from 'vitest';
import { chunked, detached } from './mutants/faultyStrategies.js';
import { fusedMutants } from './mutants/fused.js';
import { memoryMutants } from './mutants/memory.js';
import { mutantBackend } from './mutants/Mutant.js';
import { opMutants } from './mutants/ops.js';
import { segmentMutants } from './mutants/segment.js';
import { strategyMutants } from './mutants/strategies.js';

const families = {
  'required ops': opMutants,
  'fused ops': fusedMutants,
  'memory, optimisers, random numbers': memoryMutants,
  'cells and strategies': strategyMutants,
  'compiled segments': segmentMutants,
};

describe.each(Object.entries(families))('mutants of %s are rejected', (_, mutants) => {
  test.each(mutants)('$name', async (mutant) => {
    const { base = createBackend, caughtBy, kit, dtype = 'f64', message } = mutant;
    const options = { oracle: createBackend(), only: { names: caughtBy, dtypes: [dtype] } };
    const sound = await runConformance({ ...options, backend: base() });
    expect(sound.outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
    const report = await runConformance({ ...options, backend: mutantBackend(mutant), kit: { ...coreKit, ...kit } });
    const caught = report.outcomes.filter(({ status }) => status === 'failed');
    expect(caught.map(({ name }) => name).sort()).toEqual([...caughtBy].sort());
    if (message !== undefined) for (const { failure } of caught) expect(failure).toMatch(message);
  });
});

test.each([...fusedMutants, ...strategyMutants])(
  'the tolerances of f16 storage let no mutant through: $name',
  async (mutant) => {
    const { caughtBy, kit } = mutant;
    const report = await runConformance({
      backend: mutantBackend(mutant),
      oracle: createBackend(),
      kit: { ...coreKit, ...kit },
      only: { names: caughtBy, dtypes: ['f32'] },
      precision: 'f16 storage',
    });
    expect(report.outcomes.filter(({ status }) => status !== 'failed')).toEqual([]);
    expect(report.outcomes).toHaveLength(caughtBy.length);
  },
);

test('a strategy written anew without a fault is accepted', async () => {
  const names = ['rnnTanh', 'gru', 'lstm'].map((cell) => `truncatedBptt: gradient, ${cell}, updateEvery 2`);
  const kit = { ...coreKit, truncatedBptt: chunked({ crossing: detached }) };
  const report = await runConformance({ backend: createBackend(), oracle: createBackend(), kit, only: { names } });
  expect(report.outcomes.map(({ status, failure }) => failure ?? status)).toEqual(
    names.flatMap(() => ['passed', 'passed']),
  );
});
