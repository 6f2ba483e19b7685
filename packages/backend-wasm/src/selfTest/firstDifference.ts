import type { TypedArray } from '@tempograd/core/backend';

/** The first pair of results that differ in any bit, by number, or −1 where all agree; one NaN is as good as another. */
export function firstDifference(as: readonly TypedArray[], bs: readonly TypedArray[]): number {
  if (as.length !== bs.length) return Math.min(as.length, bs.length);
  return as.findIndex((a, i) => !sameNumbers(a, bs[i] as TypedArray));
}

function sameNumbers(a: TypedArray, b: TypedArray): boolean {
  if (a.length !== b.length) return false;
  const [bitsA, bitsB] = [a, b].map(({ buffer, byteOffset, length }) => new Int32Array(buffer, byteOffset, length));
  for (let i = 0; i < a.length; i++) {
    if ((bitsA as Int32Array)[i] !== (bitsB as Int32Array)[i] && !Object.is(a[i], b[i])) return false;
  }
  return true;
}
