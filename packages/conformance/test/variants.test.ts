import { createBackend } from '@tempograd/backend-js';
import { testConformance } from '@tempograd/conformance/vitest';
import { fusedFamilies, type Backend } from '@tempograd/core/backend';

/** The reference without optional ops: what core composes must pass the same cases. */
function plainBackend(): Backend {
  const absent = Object.fromEntries(
    Object.values(fusedFamilies)
      .flat()
      .map((member) => [member, undefined]),
  );
  return { ...createBackend(), ...absent };
}

/** The reference as a backend that reads asynchronously only and has no f64, as on a GPU. */
function asyncBackend(): Backend {
  const { readSync: _, ...real } = createBackend();
  return {
    ...real,
    capabilities: { dtypes: ['f32', 'i32'] },
    async read(x) {
      const values = await real.read(x as never);
      await new Promise((resolve) => setTimeout(resolve, 0));
      return values;
    },
  };
}

testConformance({
  name: 'the reference with poisoned memory',
  createBackend: () => createBackend({ poison: true }),
  oracle: createBackend,
  only: {
    dtypes: ['f32'],
    groups: ['elementwise', 'layout', 'rows', 'reduce', 'matmul', 'edgeShapes', 'fused', 'recurrent'],
  },
});

testConformance({
  name: 'the reference without optional ops',
  createBackend: plainBackend,
  oracle: createBackend,
  only: {
    dtypes: ['f64'],
    groups: ['contract', 'random', 'fused', 'recurrent', 'cells', 'optimisers', 'memory', 'paths'],
  },
});

testConformance({
  name: 'the reference reading asynchronously',
  createBackend: asyncBackend,
  oracle: createBackend,
  only: { groups: ['contract', 'rows', 'scan', 'credit', 'optimisers', 'memory'] },
});
