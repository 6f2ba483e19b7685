import { createBackend } from '@tempograd/backend-js';
import { testConformance } from '@tempograd/conformance/vitest';

testConformance({ name: 'the reference backend', createBackend, oracle: createBackend });
