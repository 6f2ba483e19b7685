import { Bench, makeNumbers } from './Bench.js';
import { cases } from './cases.js';
import { firstDifference } from './firstDifference.js';

/** A build under test and one that it has to agree with bit for bit, both on shared memory or both not. */
export interface SelfTest {
  readonly candidate: WebAssembly.Module;
  readonly reference: WebAssembly.Module;
  readonly shared: boolean;
}

/** Runs all cases on the candidate alone, for what that does to it: an engine optimises what runs. */
export function exercise({ candidate, shared }: SelfTest): void {
  resultsOf(candidate, shared);
}

/**
 * What is wrong with the candidate, or null where it computes what the reference does.
 * @throws whatever its kernels throw
 */
export function faultOf({ candidate, reference, shared }: SelfTest): string | null {
  const wanted = resultsOf(reference, shared);
  const given = resultsOf(candidate, shared);
  const at = firstDifference(given, wanted);
  return at < 0 ? null : `result ${at} of ${wanted.length} of its self-test differs`;
}

let numbers: Float32Array | null = null;

function resultsOf(module: WebAssembly.Module, shared: boolean): Bench['results'] {
  numbers ??= makeNumbers();
  const bench = new Bench(module, shared, numbers);
  for (const run of cases) run(bench);
  return bench.results;
}
