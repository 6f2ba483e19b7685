import { ArgumentError } from '../backend/errors.js';
import { checkOptions, optionTable, required } from '../backend/options.js';
import { checkSteps } from '../recurrence/checkSteps.js';

/** Windows of their own length, as data. */
export interface AdaptiveTruncationMaskOptions {
  /** Steps of the sequence, T. */
  readonly time: number;
  /** Steps forward between two updates. */
  readonly updateEvery: number;
  /** Steps back at each update, the last one too, as `update.truncation.length` tells them. */
  readonly lengths: readonly number[];
}

const adaptiveMaskTable = optionTable<AdaptiveTruncationMaskOptions>({
  time: required('number'),
  updateEvery: required('number'),
  lengths: required('array'),
});

/**
 * `M[s][t]` of truncation whose length differs from update to update: 1 where the loss is one of the update at τ and t one of its last
 * steps, `τ − length < t ≤ s`. Written from the definition, and shares nothing with the strategy.
 * @throws ArgumentError unless there is a length for each update.
 */
export function adaptiveTruncationMask(options: AdaptiveTruncationMaskOptions): number[][] {
  checkOptions('adaptiveTruncationMask', options, adaptiveMaskTable);
  const { time, updateEvery, lengths } = options;
  checkSteps('adaptiveTruncationMask', 'time', time);
  checkSteps('adaptiveTruncationMask', 'updateEvery', updateEvery);
  const updates = Math.ceil(time / updateEvery);
  if (lengths.length !== updates) {
    throw new ArgumentError(
      `adaptiveTruncationMask: ${time} steps have ${updates} updates, one every ${updateEvery}, but there are ${lengths.length} lengths; give one for each.`,
    );
  }
  return Array.from({ length: time }, (_, s) => {
    const update = Math.floor(s / updateEvery);
    const first = Math.min((update + 1) * updateEvery, time) - (lengths[update] as number);
    return Array.from({ length: time }, (__, t) => (t <= s && t >= first ? 1 : 0));
  });
}
