import type { CaseOutcome, ConformanceReport, RunningCase } from '@tempograd/conformance';
import type { UncheckedBackend } from '@tempograd/conformance/report';
import type { BackendAbout } from '../backends/backendList.js';
import type { OpenedBackend } from '../protocol.js';
import type { Speed } from '../worker/measureSpeed.js';

/** What is known of a backend: it grows while the page runs. */
export interface BackendResult extends BackendAbout {
  /** Whether it is to be checked. */
  chosen: boolean;
  /** `stopped` with what it has; `gaveUp` when it was lost too often. */
  state: 'looking' | 'found' | 'absent' | 'broken' | 'measuring' | 'checking' | 'stopped' | 'gaveUp' | 'done';
  /** Why it is absent or broken, or was given up. */
  reason: string | null;
  opened: OpenedBackend | null;
  speeds: Speed[];
  outcomes: CaseOutcome[];
  /** How many cases there are; null until the first starts. */
  planned: number | null;
  running: RunningCase | null;
  /** Why a new worker took over, each time. */
  losses: string[];
  /** Milliseconds of checking. */
  milliseconds: number;
}

/** A backend of which nothing is known yet. */
export function newResult(about: BackendAbout): BackendResult {
  return { ...about, chosen: true, state: 'looking', reason: null, opened: null, losses: [], ...nothingMeasured() };
}

type Measured = Pick<BackendResult, 'speeds' | 'outcomes' | 'planned' | 'running' | 'milliseconds'>;

/** What a result has before anything was run. */
export function nothingMeasured(): Measured {
  return { speeds: [], outcomes: [], planned: null, running: null, milliseconds: 0 };
}

/** A result as the suite reports it; null where no case has run. */
export function reportOf(
  { opened, outcomes, planned, milliseconds, ...rest }: BackendResult,
  seed: number,
): ConformanceReport | null {
  if (opened === null || planned === null || outcomes.length === 0) return null;
  return { backend: opened, oracle: 'js', seed, milliseconds, planned, lost: rest.losses.at(-1) ?? null, outcomes };
}

/** A result as one that was not checked, or not to its end; null where it was. */
export function uncheckedOf({ id, state, reason, outcomes }: BackendResult): UncheckedBackend | null {
  const detail = reason ?? '';
  if (state === 'absent') return { name: id, status: 'not available', detail };
  if (state === 'broken' && outcomes.length === 0) return { name: id, status: 'does not start', detail };
  return state === 'stopped' && outcomes.length === 0
    ? { name: id, status: 'stopped', detail: 'stopped before its first case' }
    : null;
}
