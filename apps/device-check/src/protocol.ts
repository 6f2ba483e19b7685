import type { CaseOutcome, RunningCase, Selection } from '@tempograd/conformance';
import type { BackendInfo, FusedFamily } from '@tempograd/core/backend';
import type { Speed } from './worker/measureSpeed.js';
import type { SpeedRow } from './run/speedRows.js';

/** What the page asks of a worker, which does one such thing and is ended. */
export type Job =
  | { readonly kind: 'look'; readonly backend: string }
  | { readonly kind: 'measure'; readonly backend: string; readonly rows: readonly SpeedRow[] }
  | {
      readonly kind: 'check';
      readonly backend: string;
      readonly only: Selection;
      readonly seed: number;
      /** What is known already, and not run again. */
      readonly resume: readonly CaseOutcome[];
    };

/** A backend that started. */
export interface OpenedBackend {
  readonly name: string;
  readonly info: BackendInfo;
  readonly families: readonly FusedFamily[];
}

/** What a worker tells; `done` comes last, unless the backend is absent or broken. */
export type Message =
  | { readonly kind: 'opened'; readonly backend: OpenedBackend }
  /** This browser does not have what the backend needs: why, and what to do. */
  | { readonly kind: 'absent'; readonly reason: string }
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'speed'; readonly speed: Speed }
  | { readonly kind: 'started'; readonly running: RunningCase; readonly total: number }
  | { readonly kind: 'outcome'; readonly outcome: CaseOutcome }
  /** After a case the backend answered no more. */
  | { readonly kind: 'lost'; readonly reason: string }
  | { readonly kind: 'done' };
