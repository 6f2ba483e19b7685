import { forwardRuns, nextPlace, type Slots } from './checkpointCost.js';

/** A checkpointed pass in segments: which to run, and what to hold. */
export interface PassPlan {
  /** Segments in all. */
  readonly units: number;
  readonly slots: Slots;
  /** Segments between two states in the slower store; as many as there are, or more, where nothing goes there. */
  readonly block: number;
}

/**
 * One action of a pass, in segments. Places are where something is held: at first the start. `from` is the newest place.
 *
 * - `keep`: run `from … to` forward, and keep the carry after them: a new place;
 * - `put`: the same, and put it into the slower store: of the places there, only the newest is also in memory;
 * - `record`: run `from … to` forward, the last of them with all that its way back needs: a new place;
 * - `pull`: pull back through the segment `from … to` that was recorded last, and let go of that place;
 * - `drop`: let go of the newest place, a carry that nothing is left behind;
 * - `get`: take the newest carry out of the slower store, as the newest place.
 */
export interface PassAction {
  readonly do: 'keep' | 'put' | 'record' | 'pull' | 'drop' | 'get';
  readonly from: number;
  readonly to: number;
}

/** All of a pass, from the first segment run to the last pulled back. Made as it is asked for, so that long passes cost no memory. */
export function* passActions({ units, slots, block }: PassPlan): Generator<PassAction, void, void> {
  const last = Math.ceil(units / block) - 1;
  for (let index = 1; index <= last; index++) {
    yield { do: index === last ? 'keep' : 'put', from: (index - 1) * block, to: index * block };
  }
  for (let index = last; index >= 0; index--) {
    const from = index * block;
    yield* stretchActions(from, Math.min(units, from + block), slots);
    if (index > 0) yield { do: 'drop', from, to: from };
    if (index > 1) yield { do: 'get', from: from - block, to: from - block };
  }
}

/** Segments run forward in a pass, each counted as often as it is run; the last one is run once. */
export function passRuns({ units, slots, block }: PassPlan): number {
  const blocks = Math.ceil(units / block);
  const lastBlock = units - (blocks - 1) * block;
  return (blocks - 1) * (block + forwardRuns(block, slots)) + forwardRuns(lastBlock, slots);
}

interface Place extends Slots {
  readonly at: number;
  readonly what: 'carry' | 'recording';
}

function* stretchActions(from: number, to: number, slots: Slots): Generator<PassAction, void, void> {
  const places: Place[] = [{ ...slots, at: from, what: 'carry' }];
  let end = to;
  for (;;) {
    const newest = places[places.length - 1] as Place;
    if (newest.at < end) {
      const { what, units } = nextPlace(end - newest.at, newest);
      const at = newest.at + units;
      const { carries, recordings } = newest;
      yield { do: what === 'carry' ? 'keep' : 'record', from: newest.at, to: at };
      places.push(
        what === 'carry'
          ? { at, what, carries: carries - 1, recordings }
          : { at, what, carries, recordings: recordings - 1 },
      );
      continue;
    }
    if (places.length === 1) return;
    places.pop();
    if (newest.what === 'carry') yield { do: 'drop', from: end, to: end };
    else {
      yield { do: 'pull', from: end - 1, to: end };
      end--;
    }
  }
}
