import { disposeTree } from '@tempograd/core';

/** What an update was computed of; all of it its own. */
export interface Sighting<C, S> {
  /** The steps of the update, one stretch after another. */
  readonly stretches: readonly S[];
  /** The step of the sequence at which they begin. */
  readonly from: number;
  /** The carry before them; null where they start the sequence. */
  readonly carry: C | null;
}

export function disposeSighting({ stretches, carry }: Sighting<unknown, unknown>): void {
  disposeTree([stretches, carry]);
}
