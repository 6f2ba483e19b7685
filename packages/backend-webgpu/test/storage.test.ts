import { ArgumentError, BackendError } from '@tempograd/core/backend';
import { expect, test } from 'vitest';
import { createBackend } from '../src/index.js';
import type { WebGpuBackendOptions } from '../src/index.js';
import { openDevice } from './support/device.js';
import { rejection } from './support/tensors.js';

test('info tells the storage', async () => {
  const backend = await createBackend();
  expect(backend.info['storage']).toBe('f32');
  backend.dispose?.();
});

test.each(['f64', 'F16', 16, null])('storage %s is refused with what there is', async (storage) => {
  const error = await rejection(createBackend({ storage } as unknown as WebGpuBackendOptions));
  expect(error).toBeInstanceOf(ArgumentError);
  expect(error.message).toMatch(/storage.*"f32", "f16"/);
});

test('f16 on a device that was made without shader-f16 says so, and leaves the device alone', async () => {
  const device = await openDevice();
  const error = await rejection(createBackend({ device, storage: 'f16' }));
  expect(error).toBeInstanceOf(BackendError);
  expect(error.message).toMatch(/needs the feature shader-f16.*given device was made without.*requiredFeatures.*leave/);
  const backend = await createBackend({ device });
  expect(backend.info['storage']).toBe('f32');
  backend.dispose?.();
  device.destroy();
});

test('f16 on an adapter without shader-f16 says so before a device is requested', async () => {
  const requested: unknown[] = [];
  const adapter = {
    features: new Set(['subgroups']),
    limits: {},
    info: { description: 'an old one' },
    requestDevice: (descriptor: unknown) => requested.push(descriptor),
  } as unknown as GPUAdapter;
  const error = await rejection(createBackend({ adapter, storage: 'f16' }));
  expect(error).toBeInstanceOf(BackendError);
  expect(error.message).toMatch(
    /needs the feature shader-f16.*adapter an old one does not have.*another adapter.*leave/,
  );
  expect(requested).toEqual([]);
});
