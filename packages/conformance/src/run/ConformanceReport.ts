import type { BackendInfo, FloatDType, FusedFamily } from '@tempograd/core/backend';
import type { CaseKind, Group } from './Case.js';

/** A case that runs in a dtype. */
export interface RunningCase {
  readonly name: string;
  readonly group: Group;
  readonly op: string;
  readonly kind: CaseKind;
  readonly dtype: FloatDType;
}

/** What became of one case. */
export interface CaseOutcome extends RunningCase {
  readonly status: 'passed' | 'failed' | 'deviates';
  /** The error that came closest to its tolerance; NaN when the case failed. */
  readonly error: number;
  readonly tolerance: number;
  /** Why the tolerance is this one; null when the case failed or compares no numbers. */
  readonly reason: string | null;
  /** The paths that ops with two paths took. */
  readonly paths: readonly ('fused' | 'composed')[];
  /** Why the backend deviates on purpose; null when it does not. */
  readonly deviation: string | null;
  /** What was wrong; null when nothing. */
  readonly failure: string | null;
  readonly milliseconds: number;
}

/** What a run of the suite measured. */
export interface ConformanceReport {
  readonly backend: { readonly name: string; readonly info: BackendInfo; readonly families: readonly FusedFamily[] };
  readonly oracle: string;
  readonly seed: number;
  readonly milliseconds: number;
  /** How many cases were chosen: as many as outcomes, unless the run ended before. */
  readonly planned: number;
  /** Why the run ended before: after a failed case the backend answered no more; null when it ran to its end. */
  readonly lost: string | null;
  readonly outcomes: readonly CaseOutcome[];
}
