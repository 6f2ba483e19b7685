import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable, required, type Backend } from '@tempograd/core/backend';
import { conformanceCases } from '../cases/index.js';
import { precisions, type Precision } from '../check/halfStorage.js';
import { differencesKinds, type CaseContext, type Differences } from './Case.js';
import type { CaseOutcome, ConformanceReport, RunningCase } from './ConformanceReport.js';
import type { Deviation } from './deviations.js';
import { coreKit, type Kit } from './Kit.js';
import { familiesOf, plan, type PlannedCase, type Selection } from './plan.js';
import { runCase } from './runCase.js';

/** What to run the suite on, and how. */
export interface ConformanceOptions {
  /** The backend under test. */
  readonly backend: Backend;
  /** A trusted backend with f64, such as the reference; not the same object as `backend`. */
  readonly oracle: Backend;
  /** Which cases; default is all. */
  readonly only?: Selection;
  /** A whole number that all random numbers follow from; default is 1. */
  readonly seed?: number;
  /** Cases that the backend is known not to pass, each with its reason; default is none. */
  readonly deviations?: readonly Deviation[];
  /**
   * What the backend promises of f32; default is `'full'`. With `'f16 storage'` segments may keep weights and saved activations
   * in f16: they are held to looser tolerances, all else to the usual ones.
   */
  readonly precision?: Precision;
  /**
   * Whether finite differences move each input by itself (default) or all jointly, a few times fewer calls of what a case tests:
   * for devices on which a call is dear, where a cheaper one of the same ops is tested with `'per input'`.
   */
  readonly differences?: Differences;
  /** Cells and strategies to test in place of core's. */
  readonly kit?: Kit;
  /** What an earlier run of the same selection measured before it ended: its cases are not repeated, and stand in the report. */
  readonly resume?: readonly CaseOutcome[];
  /** Called before each case, with how many there are in all. */
  readonly onStart?: (running: RunningCase, done: number, total: number) => void;
  /** Called after each case, with how many there are in all. */
  readonly onCase?: (outcome: CaseOutcome, done: number, total: number) => void;
  /** Ends the run after the case under way, and `runConformance` throws its reason. */
  readonly signal?: AbortSignal;
}

/** Milliseconds after which the suite lets others in. */
const restEvery = 50;

const optionsTable = optionTable<ConformanceOptions>({
  backend: required('backend'),
  oracle: required('backend'),
  only: 'object',
  seed: 'number',
  deviations: 'array',
  precision: precisions,
  differences: differencesKinds,
  kit: 'object',
  resume: 'array',
  onStart: 'function',
  onCase: 'function',
  signal: { wanted: 'the signal of an AbortController', members: ['aborted', 'throwIfAborted'] },
});

/**
 * Runs the suite on a backend, case after case, and says what it measured; never throws for a wrong backend. Where a backend
 * answers no more after a case failed (its device was lost), the run ends, and `lost` of the report says why: `resume` on a new
 * backend runs the cases that are left.
 * @throws ArgumentError for options that make no sense; the signal's reason when it is aborted.
 */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceReport> {
  checkOptions('runConformance', options, optionsTable);
  const {
    backend,
    oracle,
    only,
    seed = 1,
    deviations = [],
    precision = 'full',
    differences = 'per input',
    kit = coreKit,
    resume = [],
    onStart,
    onCase,
    signal,
  } = options;
  checkBackends(backend, oracle);
  const planned = plan(conformanceCases, backend, deviations, only);
  const start = performance.now();
  const before = new Set(resume.map(idOf));
  const outcomes = [...resume];
  let lost: string | null = null;
  let rested = start;
  for (const each of planned) {
    const running = runningOf(each);
    if (before.has(idOf(running))) continue;
    onStart?.(running, outcomes.length, planned.length);
    const outcome = await outcomeOf(each, contextOf(each, { backend, oracle, precision, differences, seed, kit }));
    outcomes.push(outcome);
    onCase?.(outcome, outcomes.length, planned.length);
    if (outcome.status === 'failed') lost = await reasonOfSilence(backend);
    if (lost !== null) break;
    // A page stays alive, and an abort signal gets through, between cases.
    if (performance.now() - rested > restEvery) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      rested = performance.now();
    }
    signal?.throwIfAborted();
  }
  return {
    backend: { name: backend.name, info: backend.info, families: familiesOf(backend) },
    oracle: oracle.name,
    seed,
    milliseconds: performance.now() - start,
    planned: planned.length,
    lost,
    outcomes,
  };
}

/** The context of a planned case. */
export function contextOf(
  { dtype }: PlannedCase,
  rest: Pick<CaseContext, 'backend' | 'oracle' | 'precision' | 'differences' | 'seed' | 'kit'>,
): CaseContext {
  return { ...rest, dtype, families: familiesOf(rest.backend) };
}

/** @throws ArgumentError unless the oracle is another backend and has f64. */
export function checkBackends(backend: Backend, oracle: Backend): void {
  if (backend === oracle)
    throw new ArgumentError('The oracle must be a backend of its own: make a second one with its createBackend().');
  if (!oracle.capabilities.dtypes.includes('f64')) {
    throw new ArgumentError(`The oracle ${oracle.name} has no f64; take @tempograd/backend-js, the reference.`);
  }
}

async function outcomeOf(planned: PlannedCase, context: CaseContext): Promise<CaseOutcome> {
  const { deviation } = planned;
  const start = performance.now();
  const about = { ...runningOf(planned), deviation: deviation?.reason ?? null };
  try {
    const { error, tolerance, reason, paths } = await runCase(planned, context);
    const taken = [...new Set(paths.map(({ path }) => path))].sort();
    return {
      ...about,
      status: deviation === null ? 'passed' : 'deviates',
      error,
      tolerance,
      reason,
      paths: taken,
      failure: null,
      milliseconds: performance.now() - start,
    };
  } catch (cause) {
    const failure = cause instanceof Error ? cause.message : String(cause);
    return {
      ...about,
      status: 'failed',
      error: NaN,
      tolerance: NaN,
      reason: null,
      paths: [],
      failure,
      milliseconds: performance.now() - start,
    };
  }
}

function runningOf({ test: { name, group, op, kind }, dtype }: PlannedCase): RunningCase {
  return { name, group, op, kind, dtype };
}

function idOf({ name, dtype }: RunningCase): string {
  return `${dtype} ${name}`;
}

/** Why a backend does not even give back what it was given; null when it does. */
async function reasonOfSilence(backend: Backend): Promise<string | null> {
  try {
    const handle = backend.write(new Float32Array(2), [2], 'f32');
    await backend.read({ handle, shape: [2], dtype: 'f32' });
    backend.release(handle);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
