import { checkOptions, optionTable, required } from '../backend/options.js';

/** A truncation as data. */
export interface TruncationMaskOptions {
  /** Steps of the sequence, T. */
  readonly time: number;
  /** Steps forward between two updates, u. */
  readonly updateEvery: number;
  /** Steps back at each update, b. */
  readonly backwardSteps: number;
  /** Which losses count at an update: those since the one before, the default, or that of its last step alone. */
  readonly lossScope?: 'interval' | 'last';
}

const maskTable = optionTable<TruncationMaskOptions>({
  time: required('number'),
  updateEvery: required('number'),
  backwardSteps: required('number'),
  lossScope: ['interval', 'last'],
});

/**
 * `M[s][t]`: 1 where the truncated gradient lets the loss at step s speak of the parameters as used at step t, else 0; so that
 * at frozen parameters the sum of all updates is `Σ M[s][t]·G[s][t]`. Written from the definition, step by step, and shares
 * nothing with the strategies: it is what they are checked against.
 */
export function truncationMask(options: TruncationMaskOptions): number[][] {
  checkOptions('truncationMask', options, maskTable);
  const { time, updateEvery: u, backwardSteps: b, lossScope = 'interval' } = options;
  const mask = Array.from({ length: time }, () => new Array<number>(time).fill(0));
  for (const { previous, at } of updateTimes(time, u)) {
    const isFull = at - previous === u;
    const earliest = isFull ? at - b : b >= u ? previous - (b - u) : Math.max(previous, at - b);
    for (let s = previous + 1; s <= at; s++) {
      if (lossScope === 'last' && s !== at) continue;
      for (let t = Math.max(1, earliest + 1); t <= s; t++) (mask[s - 1] as number[])[t - 1] = 1;
    }
  }
  return mask;
}

/** Whether the loss of each step is trained on: all of them, or only those at update times. */
export function countedLosses(options: TruncationMaskOptions): number[] {
  checkOptions('countedLosses', options, maskTable);
  const { time, updateEvery, lossScope = 'interval' } = options;
  const last = new Set(updateTimes(time, updateEvery).map(({ at }) => at));
  return Array.from({ length: time }, (_, s) => (lossScope === 'interval' || last.has(s + 1) ? 1 : 0));
}

/** Every update time with the one before it, counted from 1; the last is the end of the sequence. */
function updateTimes(time: number, u: number): { previous: number; at: number }[] {
  const times: { previous: number; at: number }[] = [];
  for (let previous = 0; previous < time; previous += u) times.push({ previous, at: Math.min(previous + u, time) });
  return times;
}
