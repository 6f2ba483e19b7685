import { BackendError } from '@tempograd/core/backend';
import { expect, test } from 'vitest';
import { createBackend } from '../../src/index.js';
import { hasF16 } from '../support/hasF16.js';
import { testHalfStorage } from '../support/suite.js';
import { rejection } from '../support/tensors.js';

await testHalfStorage({ groups: ['recurrent', 'scan'], ops: ['lstm', 'gru', 'scan'] });

test('f16 on the adapter of these tests is taken where it has shader-f16, and refused where not', async () => {
  const made = createBackend({ storage: 'f16' });
  if (await hasF16()) {
    const backend = await made;
    expect(backend.info['storage']).toBe('f16');
    backend.dispose?.();
  } else expect(await rejection(made)).toBeInstanceOf(BackendError);
});
