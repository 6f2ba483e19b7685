import { ArgumentError } from '@tempograd/core';
import type { CaseContext, ConformanceCase } from './Case.js';

/** A case that a backend does not pass on purpose: why, and a check that it deviates in just this way. */
export interface Deviation {
  /** The case's full name. */
  readonly case: string;
  /** Why the backend cannot or need not pass it: a sentence for the report. */
  readonly reason: string;
  /** Runs instead of the case, and throws when the backend no longer deviates as the reason says. */
  assert(context: CaseContext): void | Promise<void>;
}

const keys = ['case', 'reason', 'assert'];

/**
 * @throws ArgumentError for a deviation without a reason or an assertion, one that names no case, and one from a case that every
 * backend must pass.
 */
export function checkDeviations(cases: readonly ConformanceCase[], deviations: readonly Deviation[]): void {
  const names = new Set<string>();
  for (const deviation of deviations) {
    const unknown = Object.keys(deviation).filter((key) => !keys.includes(key));
    const test = cases.find(({ name }) => name === deviation.case);
    const problem =
      unknown.length > 0
        ? `has unknown ${unknown.join(', ')}; known are ${keys.join(', ')}`
        : test === undefined
          ? 'names no case of the suite; remove it or correct the name'
          : names.has(deviation.case)
            ? 'is given twice; give it once'
            : !test.mayDeviate
              ? `is not allowed: a backend must pass every ${test.kind} case of ${test.op}; correct the backend, or leave the optional op out`
              : typeof deviation.reason !== 'string' || deviation.reason.trim().length < 10
                ? 'needs a reason in words'
                : typeof deviation.assert !== 'function'
                  ? 'needs assert(), which checks that the backend deviates in just this way'
                  : null;
    if (problem !== null) throw new ArgumentError(`Deviation from "${deviation.case}" ${problem}.`);
    names.add(deviation.case);
  }
}
