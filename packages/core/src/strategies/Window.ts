import type { PendingSteps } from './PendingSteps.js';
import type { WindowPlan } from './planWindow.js';
import type { Gathered } from './runLead.js';
import type { PieceSnapshot, StepRange } from './Strategy.js';

/** The gradient of an update, owned by the caller, and what it took. */
export interface WindowGradient<P> extends Gathered<P> {
  /** The first step whose parameters it moved. */
  readonly windowFrom: number;
  readonly forwardSteps: number;
  readonly backwardSteps: number;
}

/** What is kept of the past, and how the gradient of a window comes of it. After an exception it can only be disposed of. */
export interface Window<P, C, S> {
  /** The carry after the steps so far; null at the very start. */
  readonly carry: C | null;
  /** Runs the next steps, which are taken from `pending`, and pulls their losses back through the window. */
  update(params: P, plan: WindowPlan, pending: PendingSteps<S>, range: StepRange): WindowGradient<P>;
  /** Shares of what later updates reach into. */
  snapshot(): PieceSnapshot[];
  /** Goes on from a snapshot, which is borrowed. */
  restore(carry: C | null, pieces: readonly PieceSnapshot[]): void;
  dispose(): void;
}
