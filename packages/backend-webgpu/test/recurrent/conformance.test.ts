import { createBackend as createOracle } from '@tempograd/backend-js';
import { testConformance } from '@tempograd/conformance/vitest';
import { makeBackend } from '../../src/createBackend.js';

// Segments of the suite's sizes are run by one dispatch each; here as large ones are.
testConformance({
  name: 'conformance with a dispatch for each step',
  createBackend: () => makeBackend({ poison: true }, { recurrent: { path: 'step' } }),
  oracle: () => createOracle(),
  only: { groups: ['recurrent'] },
  // Software drivers compile on the processor that computes.
  timeout: 120_000,
});
