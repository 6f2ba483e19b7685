import { createBackend } from '@tempograd/backend-js';
import { testConformance } from '@tempograd/conformance/vitest';
import { recurrentCells } from '@tempograd/core/backend';
import { interpretingBackend } from './segment/interpretingBackend.js';

testConformance({
  name: 'a backend that compiles segments',
  createBackend: interpretingBackend,
  oracle: createBackend,
  only: { groups: ['scan', 'paths'], ops: ['segment'] },
});

testConformance({
  name: 'the standard cells without their segments, compiled',
  createBackend: interpretingBackend,
  oracle: createBackend,
  only: {
    names: recurrentCells.map((cell) => `${cell} cell: gradient, step after step, reversed, mask with holes`),
    dtypes: ['f64'],
  },
});
