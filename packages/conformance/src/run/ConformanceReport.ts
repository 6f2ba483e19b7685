import type { BackendInfo, FloatDType, FusedFamily } from '@tempograd/core/backend';
import type { CaseKind, Group } from './Case.js';

/** What became of one case. */
export interface CaseOutcome {
  readonly name: string;
  readonly group: Group;
  readonly op: string;
  readonly kind: CaseKind;
  readonly dtype: FloatDType;
  readonly status: 'passed' | 'failed' | 'deviates';
  /** The error that came closest to its tolerance; NaN when the case failed. */
  readonly error: number;
  readonly tolerance: number;
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
  readonly outcomes: readonly CaseOutcome[];
}
