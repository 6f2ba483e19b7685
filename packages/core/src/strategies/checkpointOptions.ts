import { ArgumentError } from '../backend/errors.js';
import { checkOptions, optionTable, required, type OptionKinds } from '../backend/options.js';
import type { Slots } from './checkpointCost.js';
import type { StateStore } from './StateStore.js';

/** Places for states, by what a state is. */
export interface StateSlots {
  /** Carries, that of the start included: at least 1. */
  readonly hidden: number;
  /** Segments with all that their way back needs: at least 1. */
  readonly internal: number;
}

/** A slower store beside the memory. */
export interface SlowStates {
  /** Where carries go, such as `fileStateStore(folder)` of `@tempograd/nn/node`. */
  readonly store: StateStore;
  /** How many may be there at once; default is as many as save steps. */
  readonly slots?: number;
}

/**
 * What may be held at once, in slots or in bytes; without either it is one carry for each of about √T segments. Whatever is given, the
 * gradient is that of full backpropagation over the same segments, to the bit.
 */
export interface CheckpointOptions {
  /**
   * Places for states, of the kind that `states` says: so many carries, or so many segments with all that their way back needs; or of
   * both kinds, `{ hidden, internal }`. Infinity alone holds everything: full backpropagation over the same segments.
   */
  readonly slots?: number | StateSlots;
  /**
   * Bytes that an update may hold on the backend beyond what is there before it: states, what works on one segment, the gradient.
   * Parameters, optimiser and data are not in it. Sizes are measured on the backend, on a first segment.
   */
  readonly bytes?: number;
  /**
   * What is stored. 'hidden' (the default for a finite number of slots): carries, so that each segment but the last runs at least twice.
   * 'internal' (the default for Infinity): all that the way back through a segment needs, so that stored ones run once. 'mixed' (the
   * default for bytes): whichever serves best.
   */
  readonly states?: 'hidden' | 'internal' | 'mixed';
  /**
   * Steps that run whole, through fused kernels where there are some. Default is 1 with `slots`, as the papers count; about √T
   * without a budget; with `bytes` what costs the least. Weights' gradients are rounded once a segment, so another length gives other last bits.
   */
  readonly segment?: number;
  /** Default is none: all states are in memory. Without a budget the carries of all segments go there. */
  readonly slow?: SlowStates;
}

/** Kinds of `CheckpointOptions`. */
export const checkpointKinds: OptionKinds<CheckpointOptions> = {
  slots: 'number or object',
  bytes: 'number',
  states: ['hidden', 'internal', 'mixed'],
  segment: 'number',
  slow: 'object',
};

const checkpointTable = optionTable(checkpointKinds);

const slotsTable = optionTable<StateSlots>({ hidden: required('number'), internal: required('number') });

const slowTable = optionTable<SlowStates>({
  store: required({ wanted: 'a store of states, such as fileStateStore(folder)', members: ['put', 'get', 'delete'] }),
  slots: 'number',
});

/** Options that were checked. */
export interface CheckpointSettings {
  /** In slots; null for a budget in bytes, or none. */
  readonly slots: Slots | null;
  readonly bytes: number | null;
  readonly states: 'hidden' | 'internal' | 'mixed';
  readonly segment: number | null;
  readonly slow: SlowStates | null;
}

/** @throws ArgumentError where options make no sense; `of` names who was given them, and `at` the option that they stand in. */
export function checkpointSettings(of: string, options: CheckpointOptions, at?: string): CheckpointSettings {
  checkOptions(of, options, checkpointTable, at);
  const { slots, bytes, segment, slow } = options;
  const named = (name: string): string => (at === undefined ? name : `${at}.${name}`);
  if (slots !== undefined && bytes !== undefined)
    throw new ArgumentError(`${of}: both ${named('slots')} and ${named('bytes')} are given; leave one of them out.`);
  if (segment !== undefined) requireCount(`${of}: ${named('segment')} is a number of steps`, segment);
  if (bytes !== undefined && !(bytes > 0))
    throw new ArgumentError(`${of}: ${named('bytes')} must be a number above 0, but is ${bytes}.`);
  if (slots === undefined && bytes === undefined && options.states !== undefined) {
    throw new ArgumentError(
      `${of}: ${named('states')} '${options.states}' says what a budget is spent on: give slots or bytes beside it, or leave it out.`,
    );
  }
  if (slow !== undefined) {
    checkOptions(of, slow, slowTable, named('slow'));
    if (slow.slots !== undefined)
      requireCount(`${of}: ${named('slow.slots')} is a number of states`, slow.slots, Infinity);
  }
  const states = options.states ?? (bytes === undefined ? 'hidden' : 'mixed');
  return {
    slots: slots === undefined ? null : resolveSlots(of, slots, options.states, named('slots')),
    bytes: bytes ?? null,
    states,
    segment: segment ?? null,
    slow: slow ?? null,
  };
}

/** Slots beside the place that a pass starts from. */
export function resolveSlots(
  of: string,
  slots: number | StateSlots,
  states: CheckpointOptions['states'] = defaultStates(slots),
  named = 'slots',
): Slots {
  if (typeof slots === 'number') {
    requireCount(`${of}: ${named} is a number of states`, slots, Infinity);
    if (states === 'mixed') {
      throw new ArgumentError(
        `${of}: ${named} is ${slots}, for states of both kinds, which does not say how many of each. Give slots: { hidden, internal }, or a budget in bytes.`,
      );
    }
    return states === 'hidden' ? { carries: slots - 1, recordings: 1 } : { carries: 0, recordings: slots };
  }
  checkOptions(of, slots, slotsTable, named);
  if (states !== 'mixed')
    throw new ArgumentError(`${of}: ${named} are of both kinds, but states is '${states}'; leave states out.`);
  requireCount(`${of}: ${named}.hidden is a number of states`, slots.hidden, Infinity);
  requireCount(`${of}: ${named}.internal is a number of states`, slots.internal, Infinity);
  return { carries: slots.hidden - 1, recordings: slots.internal };
}

/** As many as there are hold all that the way back needs. */
function defaultStates(slots: number | StateSlots): 'hidden' | 'internal' | 'mixed' {
  if (typeof slots !== 'number') return 'mixed';
  return slots === Infinity ? 'internal' : 'hidden';
}

/** @throws ArgumentError unless it is a whole number ≥ 1, or `also`. */
export function requireCount(what: string, value: number, also?: number): void {
  if ((Number.isSafeInteger(value) && value >= 1) || value === also) return;
  throw new ArgumentError(`${what} and must be a whole number ≥ 1, but is ${value}.`);
}
