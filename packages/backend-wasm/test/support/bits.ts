import { expect } from 'vitest';

/** Two arrays are the same bit for bit. Vitest's own comparison takes a second for each million numbers. */
export function expectSameBits(actual: Float32Array, wanted: Float32Array, what: string): void {
  expect(actual.length, `${what}: number of values`).toBe(wanted.length);
  const [left, right] = [actual, wanted].map((each) => new Uint32Array(each.buffer, each.byteOffset, each.length));
  const at = left!.findIndex((word, index) => word !== right![index]);
  expect(at, `${what}: value ${at} is ${actual[at]}, not ${wanted[at]}`).toBe(-1);
}
