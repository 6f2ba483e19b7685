import { BackendError } from '@tempograd/core/backend';
import { afterEach, expect, test, vi } from 'vitest';
import { createBackend } from '../../src/index.js';
import { negated, rejection, tensor } from '../support/tensors.js';

afterEach(async () => {
  vi.restoreAllMocks();
  // What was missing is missed no more.
  const backend = await createBackend();
  expect([...(await backend.read(negated(backend, tensor(backend, [1]))))]).toEqual([-1]);
  backend.dispose?.();
});

test('a browser without WebGPU is told what to take', async () => {
  vi.spyOn(navigator, 'gpu', 'get').mockReturnValue(undefined as unknown as GPU);
  const error = await rejection(createBackend());
  expect(error).toBeInstanceOf(BackendError);
  expect(error.message).toMatch(/This browser has no WebGPU \(navigator\.gpu\).*https or from localhost.*backend-wasm/);
});

test('a browser without an adapter is told what blocks it', async () => {
  vi.spyOn(navigator.gpu, 'requestAdapter').mockResolvedValue(null);
  const error = await rejection(createBackend());
  expect(error).toBeInstanceOf(BackendError);
  expect(error.message).toMatch(/has WebGPU but no adapter for it.*chrome:\/\/gpu says why.*backend-wasm/);
});

test('an adapter that has given its device is named, with what to do', async () => {
  const adapter = await navigator.gpu.requestAdapter();
  if (adapter === null) throw new Error('There is no adapter.');
  (await adapter.requestDevice()).destroy();
  const error = await rejection(createBackend({ adapter }));
  expect(error).toBeInstanceOf(BackendError);
  expect(error.message).toMatch(/gives no device: .*request a new adapter for each backend/);
});
