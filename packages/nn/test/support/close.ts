import { type Tensor } from '@tempograd/core';
import { afterEach, beforeEach, expect } from 'vitest';
import { createBackend } from '@tempograd/backend-js';
import { useBackend } from '@tempograd/core';

/** Values agree within `tolerance`, relative to the larger of 1 and the expected size. */
export function expectClose(
  actual: ArrayLike<number> | Tensor,
  expected: ArrayLike<number>,
  tolerance: number,
  what = '',
): void {
  const values = 'readSync' in actual ? actual.readSync() : actual;
  expect(values.length, `${what}: number of values`).toBe(expected.length);
  for (let index = 0; index < expected.length; index++) {
    const [got, wanted] = [values[index] as number, expected[index] as number];
    const error = Math.abs(got - wanted) / Math.max(1, Math.abs(wanted));
    if (!(error <= tolerance))
      expect.fail(`${what}[${index}]: got ${got}, wanted ${wanted}, off by ${error} > ${tolerance}`);
  }
}

/** Each test runs on a fresh reference backend, and must leave no buffer behind. */
export function withFreshBackend(): void {
  let backend = createBackend();
  beforeEach(() => {
    backend = createBackend();
    useBackend(backend);
  });
  afterEach(() => {
    expect(backend.memory().buffers, 'buffers left after the test').toBe(0);
  });
}
