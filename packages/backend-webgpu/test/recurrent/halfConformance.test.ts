import { createBackend as createOracle } from '@tempograd/backend-js';
import { testConformance } from '@tempograd/conformance/vitest';
import { expect, test } from 'vitest';
import { createBackend } from '../../src/index.js';
import { hasF16 } from '../support/hasF16.js';

const name = 'conformance of segments with storage f16';

if (await hasF16()) {
  testConformance({
    name,
    createBackend: () => createBackend({ poison: true, storage: 'f16' }),
    oracle: () => createOracle(),
    precision: 'f16 storage',
    only: { groups: ['recurrent', 'scan'], ops: ['lstm', 'gru', 'scan'] },
    timeout: 120_000,
  });
} else {
  test(`no ${name}, which the adapter does not have`, async () => {
    await expect(createBackend({ storage: 'f16' })).rejects.toThrow('needs the feature shader-f16');
  });
}
