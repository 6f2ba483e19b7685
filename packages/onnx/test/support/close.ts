import type { Tensor } from '@tempograd/core';
import { expect } from 'vitest';

/** What two programs give, in f32, for the same model. */
const tolerance = 1e-5;

/** The same shape, and values within 1e-5, relative to the larger of 1 and the expected size. */
export function expectSame(
  actual: { readonly shape: readonly number[]; readonly data: ArrayLike<number> } | Tensor,
  wanted: Tensor,
  what: string,
): void {
  expect(actual.shape, `shape of ${what}`).toEqual(wanted.shape);
  const values = 'data' in actual ? actual.data : actual.readSync();
  const expected = wanted.readSync();
  expect(expected.length, `number of values of ${what}`).toBeGreaterThan(0);
  for (let index = 0; index < expected.length; index++) {
    const [got, want] = [values[index] as number, expected[index] as number];
    const error = Math.abs(got - want) / Math.max(1, Math.abs(want));
    if (!(error <= tolerance)) expect.fail(`${what}[${index}]: got ${got}, wanted ${want}, off by ${error}`);
  }
}
