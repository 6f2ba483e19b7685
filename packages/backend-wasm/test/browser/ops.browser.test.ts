// The tests of the ops, in a page: with threads where it is cross-origin isolated, without where it is not.

import '../ops/elementwise.test.js';
import '../ops/product.test.js';
import '../ops/recurrent.test.js';
import '../ops/reduce.test.js';
import '../ops/softmaxCrossEntropy.test.js';
import { createBackend } from '@tempograd/backend-wasm';
import { expect, test } from 'vitest';

test('threads go with isolation, and info says why', async () => {
  const wasm = await createBackend();
  if (globalThis.crossOriginIsolated) {
    expect(wasm.info.threads).toBe(Math.min(8, navigator.hardwareConcurrency));
    expect(wasm.info.threadsReason).toMatch(/the machine runs/);
  } else {
    expect(wasm.info).toMatchObject({ threads: 1, threadsReason: expect.stringMatching(/not cross-origin isolated/) });
  }
  expect(wasm.info.build).toBe('relaxed');
  wasm.dispose!();
});

test('more threads than cores still finish, on a main thread that may not block', async () => {
  if (!globalThis.crossOriginIsolated) {
    await expect(createBackend({ threads: 4 })).rejects.toThrow(/Cross-Origin-Opener-Policy/);
    return;
  }
  const wasm = await createBackend({ threads: 4, parallelFrom: 0 });
  const x = { handle: wasm.fill([100_000], 1, 'f32'), shape: [100_000], dtype: 'f32' as const };
  for (let i = 0; i < 100; i++) wasm.release(wasm.unary('exp', x));
  const [first] = wasm.readSync!({ ...x, handle: wasm.unary('exp', x) });
  expect(first).toBeCloseTo(Math.E, 6);
  wasm.dispose!();
});
