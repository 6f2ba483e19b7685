import type { CaseOutcome, ConformanceReport } from '@tempograd/conformance';
import type { Comparison } from '@tempograd/conformance/report';

/** How far a check is. */
export interface CheckProgress {
  readonly name: string;
  /** Which of several backends, `2 of 5`; null for one alone. */
  readonly place: string | null;
  readonly outcome: CaseOutcome;
  readonly done: number;
  readonly total: number;
}

/** How a check is shown: to people or to programs. */
export interface CheckView {
  progress(progress: CheckProgress): void;
  endProgress(): void;
  /** A stop was asked for; the case under way is still finished. */
  stopping(): void;
  /** A check of one backend was stopped. */
  stopped(): void;
  /** Of a backend that is checked alone. */
  report(report: ConformanceReport): void;
  oneOfSeveral(report: ConformanceReport): void;
  comparison(comparison: Comparison): void;
  /** A file was written. */
  written(file: string): void;
  /** Leaves the terminal as it was. */
  close(): void;
}
