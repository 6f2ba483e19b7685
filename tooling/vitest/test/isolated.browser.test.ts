import { expect, test } from 'vitest';

test('a browser project is cross-origin isolated', () => {
  expect(globalThis.crossOriginIsolated).toBe(true);
  expect(new SharedArrayBuffer(4).byteLength).toBe(4);
});

test('a browser project resolves workspace packages to their source', async () => {
  expect(Object.keys(await import('@tempograd/core'))).toBeInstanceOf(Array);
});
