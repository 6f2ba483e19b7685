import { expect, test } from 'vitest';

test('a browser project that is not isolated has no SharedArrayBuffer', () => {
  expect(globalThis.crossOriginIsolated).toBe(false);
  expect('SharedArrayBuffer' in globalThis).toBe(false);
});
