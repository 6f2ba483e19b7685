import { answers } from './answers.js';
import { Bench } from './Bench.js';
import { cases, type Family } from './cases.js';

/** A digest of the results of each family of kernels. */
export type Answers = Readonly<Record<Family, number>>;

const families = Object.keys(cases) as Family[];

/**
 * Runs all cases on a build, on shared memory or not.
 * @throws whatever its kernels throw
 */
export function answersOf(build: WebAssembly.Module, shared: boolean): Answers {
  const bench = new Bench(build, shared);
  const given = families.map((family) => {
    cases[family](bench);
    return [family, bench.takeDigest()] as const;
  });
  return Object.fromEntries(given) as Answers;
}

/**
 * What is wrong with a build, or null where it computes, bit for bit, what is known of the plain builds: with multiplications and
 * additions fused, or without wherever the processor cannot.
 * @throws whatever its kernels throw
 */
export function faultOf(build: WebAssembly.Module, shared: boolean): string | null {
  const given = answersOf(build, shared);
  const known: Answers = given.products === answers.apart.products ? answers.apart : answers.fused;
  const wrong = families.find((family) => given[family] !== known[family]);
  return wrong === undefined ? null : `its self-test of ${wrong} differs from what is known`;
}
