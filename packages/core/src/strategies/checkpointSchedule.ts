import { checkOptions, optionTable, required } from '../backend/options.js';
import { requireCount, resolveSlots, type StateSlots } from './checkpointOptions.js';
import { passActions, passRuns } from './passActions.js';
import { bestBlock } from './planPass.js';

/** A checkpointed pass to look at. */
export interface CheckpointScheduleOptions {
  /** Steps of the sequence. */
  readonly time: number;
  /** As at `CheckpointOptions`. */
  readonly slots: number | StateSlots;
  /** As at `CheckpointOptions`; default is 'hidden' for a finite number of slots, 'internal' for Infinity. */
  readonly states?: 'hidden' | 'internal';
  /** Steps that run whole; default is 1. */
  readonly segment?: number;
  /** States that may be in a slower store at once; default is none, Infinity is as many as save steps. */
  readonly slowSlots?: number;
}

/** One action of a pass, in steps of the sequence. `from` is where the newest state is that is held; at first that is the start. */
export interface CheckpointAction {
  /**
   * - `keep`: run `from … to` forward, and keep the carry after them;
   * - `put`: run `from … to` forward, and put the carry after them into the slower store;
   * - `record`: run `from … to` forward, and keep all that the way back through the last segment of these needs;
   * - `pull`: pull back through the segment `from … to` that was recorded last, and let go of it;
   * - `drop`: let go of the newest carry, behind which nothing is left;
   * - `get`: take the newest carry out of the slower store.
   */
  readonly do: 'keep' | 'put' | 'record' | 'pull' | 'drop' | 'get';
  readonly from: number;
  readonly to: number;
}

/** What a checkpointed pass does. */
export interface CheckpointSchedule {
  /** Steps run forward, each counted as often as it is run. */
  readonly forwardSteps: number;
  /** The actions in their order, made anew for each loop over them. */
  readonly actions: Iterable<CheckpointAction>;
}

const scheduleTable = optionTable<CheckpointScheduleOptions>({
  time: required('number'),
  slots: required('number or object'),
  states: ['hidden', 'internal'],
  segment: 'number',
  slowSlots: 'number',
});

/**
 * What `checkpointedBptt` with these slots does over a sequence, without doing it: to see what a budget costs.
 * @throws ArgumentError where an option makes no sense.
 */
export function checkpointSchedule(options: CheckpointScheduleOptions): CheckpointSchedule {
  checkOptions('checkpointSchedule', options, scheduleTable);
  const { time, slots: given, states, segment = 1, slowSlots = null } = options;
  requireCount('checkpointSchedule: time is a number of steps', time);
  requireCount('checkpointSchedule: segment is a number of steps', segment);
  if (slowSlots !== null) requireCount('checkpointSchedule: slowSlots is a number of states', slowSlots, Infinity);
  const slots = resolveSlots('checkpointSchedule', given, states);
  const units = Math.ceil(time / segment);
  const useful = { carries: Math.min(slots.carries, units), recordings: Math.min(slots.recordings, units) };
  const plan = { units, slots: useful, block: units };
  const pass = slowSlots === null ? plan : { ...plan, block: bestBlock(plan, slowSlots) };
  const last = time - (units - 1) * segment;
  return {
    forwardSteps: (passRuns(pass) - 1) * segment + last,
    actions: {
      *[Symbol.iterator]() {
        for (const action of passActions(pass)) {
          yield { ...action, from: action.from * segment, to: Math.min(time, action.to * segment) };
        }
      },
    },
  };
}
