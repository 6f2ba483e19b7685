import { createBackend } from '@tempograd/backend-js';
import { testConformance } from '@tempograd/conformance/vitest';
import { interpretingBackend } from './segment/interpretingBackend.js';

testConformance({
  name: 'a backend that compiles segments',
  createBackend: interpretingBackend,
  oracle: createBackend,
  only: { groups: ['scan', 'paths'], ops: ['segment', 'scan'] },
});
