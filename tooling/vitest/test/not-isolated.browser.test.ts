import { expect, test } from 'vitest';

test('a page that is not isolated has no SharedArrayBuffer', () => {
  expect(crossOriginIsolated).toBe(false);
  expect('SharedArrayBuffer' in globalThis).toBe(false);
});
