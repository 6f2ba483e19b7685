import { ArgumentError } from '../backend/errors.js';
import { checkOptions, optionTable, required } from '../backend/options.js';
import { checkSteps } from '../recurrence/checkSteps.js';

/** A truncation as data. */
export interface TruncationMaskOptions {
  /** Steps of the sequence, T. */
  readonly time: number;
  /** Steps forward between two updates, u; Infinity for one update a sequence. */
  readonly updateEvery: number;
  /** Steps back at each update, b; Infinity for all there are. */
  readonly backwardSteps: number;
  /** Which losses count at an update: those since the one before, the default, or that of its last step alone; or the weight of each by its step. */
  readonly lossScope?: 'interval' | 'last' | ((step: number) => number) | ArrayLike<number>;
}

const maskTable = optionTable<TruncationMaskOptions>({
  time: required('number'),
  updateEvery: required('number'),
  backwardSteps: required('number'),
  lossScope: 'string or array or function',
});

/**
 * `M[s][t]`: 1, or the weight of the loss, where the truncated gradient lets the loss at step s speak of the parameters as used at step t, else 0; so that
 * at frozen parameters the sum of all updates is `Σ M[s][t]·G[s][t]`. Written from the definition, step by step, and shares
 * nothing with the strategies: it is what they are checked against.
 * @throws ArgumentError where a number is no number of steps.
 */
export function truncationMask(options: TruncationMaskOptions): number[][] {
  checkMask('truncationMask', options);
  const { time, lossScope = 'interval' } = options;
  // Longer ones are no different, and sums of infinite ones are.
  const u = Math.min(options.updateEvery, time);
  const b = Math.min(options.backwardSteps, 2 * time);
  const mask = Array.from({ length: time }, () => new Array<number>(time).fill(0));
  for (const { previous, at } of updateTimes(time, u)) {
    const isFull = at - previous === u;
    const earliest = isFull ? at - b : b >= u ? previous - (b - u) : Math.max(previous, at - b);
    for (let s = previous + 1; s <= at; s++) {
      if (lossScope === 'last' && s !== at) continue;
      for (let t = Math.max(1, earliest + 1); t <= s; t++)
        (mask[s - 1] as number[])[t - 1] = weightOf(lossScope, s - 1);
    }
  }
  return mask;
}

/** What the loss of each step counts: 1 for all of them, or for those at update times, else 0; or its weight. */
export function countedLosses(options: TruncationMaskOptions): number[] {
  checkMask('countedLosses', options);
  const { time, updateEvery, lossScope = 'interval' } = options;
  const last = new Set(updateTimes(time, updateEvery).map(({ at }) => at));
  return Array.from({ length: time }, (_, s) => (lossScope !== 'last' || last.has(s + 1) ? weightOf(lossScope, s) : 0));
}

function checkMask(of: string, options: TruncationMaskOptions): void {
  checkOptions(of, options, maskTable);
  checkSteps(of, 'time', options.time);
  checkSteps(of, 'updateEvery', options.updateEvery, { orInfinity: true });
  checkSteps(of, 'backwardSteps', options.backwardSteps, { orInfinity: true });
  const { lossScope = 'interval' } = options;
  if (typeof lossScope !== 'string' || lossScope === 'interval' || lossScope === 'last') return;
  throw new ArgumentError(
    `${of}: lossScope must be "interval", "last", or the weights of the losses, a function of the step or an array, but is ${JSON.stringify(lossScope)}.`,
  );
}

/** The weight of the loss at step s, counted from 0. */
function weightOf(lossScope: TruncationMaskOptions['lossScope'], s: number): number {
  if (lossScope === undefined || typeof lossScope === 'string') return 1;
  return (typeof lossScope === 'function' ? lossScope(s) : lossScope[s]) as number;
}

/** Every update time with the one before it, counted from 1; the last is the end of the sequence. */
function updateTimes(time: number, u: number): { previous: number; at: number }[] {
  const times: { previous: number; at: number }[] = [];
  for (let previous = 0; previous < time; previous += u) times.push({ previous, at: Math.min(previous + u, time) });
  return times;
}
