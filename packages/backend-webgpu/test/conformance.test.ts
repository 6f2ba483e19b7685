import { createBackend as createOracle } from '@tempograd/backend-js';
import { testConformance } from '@tempograd/conformance/vitest';
import { createBackend } from '../src/index.js';

testConformance({
  name: 'conformance on webgpu',
  createBackend: () => createBackend({ poison: true }),
  oracle: () => createOracle(),
});
