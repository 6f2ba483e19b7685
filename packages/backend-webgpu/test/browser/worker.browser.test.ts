import type { Backend } from '@tempograd/core';
import { expect, test } from 'vitest';
import { createBackend } from '../../src/index.js';
import { lossesOf } from '../support/lossesOf.js';

test('a worker trains as the page does, each on a device of its own, at the same time', async () => {
  const worker = new Worker(new URL('./trainingWorker.ts', import.meta.url), { type: 'module' });
  const answer = new Promise<unknown>((resolve, reject) => {
    worker.addEventListener('message', ({ data }) => resolve(data));
    worker.addEventListener('error', ({ message }) => reject(new Error(`The worker failed: ${message}`)));
  });
  worker.postMessage(5);
  const backend: Backend = await createBackend();
  const losses = await lossesOf(backend, 6, { updates: 5 });
  expect(losses[4]).toBeLessThan(losses[0] as number);
  expect(await answer).toEqual({ losses, source: 'browser' });
  worker.terminate();
  backend.dispose?.();
});

test('backends on devices of their own train at the same time, and so do two on one device', async () => {
  const own = await createBackend();
  const adapter = await navigator.gpu.requestAdapter();
  const device = await adapter!.requestDevice();
  const shared = await Promise.all([createBackend({ device }), createBackend({ device })]);
  const backends = [own, ...shared] as Backend[];
  const [first, ...others] = await Promise.all(backends.map((backend) => lossesOf(backend, 6, { updates: 3 })));
  expect(first).toHaveLength(3);
  for (const losses of others) expect(losses).toEqual(first);
  for (const backend of backends) backend.dispose?.();
  device.destroy();
});
