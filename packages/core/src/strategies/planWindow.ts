import type { LossesOf } from './Piece.js';

/** What a window run does at each update. */
export interface WindowSettings {
  /** Steps forward between two updates. */
  readonly updateEvery: number;
  /** Steps back at each update. */
  readonly backwardSteps: number;
  /** Whether every loss of the interval counts, or that of its last step alone. */
  readonly lossScope: 'interval' | 'last';
  /** Whether the overlap with earlier intervals is taken as it ran then, or run again with the current parameters. */
  readonly staleness: 'stored' | 'recompute';
}

/** What an update of a window run does, in the order of time. */
export interface WindowPlan {
  /** Steps before a short window: run with no way back; their losses, where they count, train the readout alone. */
  readonly lead: number;
  /** The other steps, cut where a later window begins. */
  readonly pieces: readonly { readonly steps: number; readonly losses: LossesOf }[];
  /** No later window reaches steps before this one, counted from the sequence's first. */
  readonly reachFrom: number;
}

/** The plan of an update over the next `steps` steps, which end before step `to`. */
export function planWindow(
  { updateEvery, backwardSteps, lossScope }: Omit<WindowSettings, 'staleness'>,
  steps: number,
  to: number,
): WindowPlan {
  const rest: LossesOf = lossScope === 'last' ? 'last' : 'all';
  if (backwardSteps < updateEvery) {
    const lead = Math.max(0, steps - backwardSteps);
    return { lead, pieces: [{ steps: steps - lead, losses: rest }], reachFrom: to + updateEvery - backwardSteps };
  }
  const cut = nextWindowBegins(updateEvery, backwardSteps);
  const reachFrom = backwardSteps === updateEvery ? to : to + updateEvery - backwardSteps;
  if (cut === 0 || cut >= steps) return { lead: 0, pieces: [{ steps, losses: rest }], reachFrom };
  const before: LossesOf = lossScope === 'last' ? 'none' : 'all';
  const pieces = [
    { steps: cut, losses: before },
    { steps: steps - cut, losses: rest },
  ];
  return { lead: 0, pieces, reachFrom };
}

/** How far into an interval a window longer than an interval begins: the one cut that such windows make in it. */
function nextWindowBegins(updateEvery: number, backwardSteps: number): number {
  return backwardSteps === Infinity ? 0 : (updateEvery - (backwardSteps % updateEvery)) % updateEvery;
}
