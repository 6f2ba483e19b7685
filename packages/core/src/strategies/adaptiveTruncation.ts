import { ArgumentError } from '../backend/errors.js';
import { checkOptions, optionTable, required } from '../backend/options.js';
import { checkSteps } from '../recurrence/checkSteps.js';
import { requireTask } from '../recurrence/SequenceTask.js';
import { AdaptiveRun, type AdaptiveSettings } from './AdaptiveRun.js';
import { requireCausal } from './checkSettings.js';
import { runTable, type Strategy } from './Strategy.js';

/** How much bias is allowed, how far back it may go for it, and how often it is measured. */
export interface AdaptiveTruncationOptions {
  /** Steps forward between two updates. */
  readonly updateEvery: number;
  /** Most steps back at an update, and what is measured; `updateEvery` or more. */
  readonly maxLength: number;
  /** Fewest steps back; default is 1. */
  readonly minLength?: number;
  /** δ, the bound wanted on the norm of what is left out, relative to that of the gradient; default is 0.1. */
  readonly tolerance?: number;
  /** Updates from one measurement to the next; default is 100. Until a sequence is `maxLength` long it is measured more often. */
  readonly measureEvery?: number;
  /** Losses that are pulled back, side by side, in a measurement; default is 4. */
  readonly losses?: number;
  /** Steps that run as one and are left out together, counted from the sequence's first; default is `updateEvery`. Lengths are rounded up to them, and down where that would be more than `maxLength`. */
  readonly segment?: number;
}

const adaptiveTable = optionTable<AdaptiveTruncationOptions>({
  updateEvery: required('number'),
  maxLength: required('number'),
  minLength: 'number',
  tolerance: 'number',
  measureEvery: 'number',
  losses: 'number',
  segment: 'number',
});

/**
 * Truncated backpropagation whose length follows the gradient's decay. Now and then φ_k = E‖∂ℓ_s/∂h_{s−k}‖ is measured, its decay β is
 * fitted, and the smallest length K is taken whose tail, φ beyond K and `φ_τ β^{K−τ}/(1−β)` beyond what was measured, is within the
 * tolerance of the gradient's norm. Each update says in `truncation` the length that it used and its bound on the relative bias; what it
 * spent on measuring is in its counts of steps and bytes. Inputs of the last `maxLength` steps are held, with a state for each interval.
 * Source: Aicher, Foti & Fox 2019, "Adaptively truncating backpropagation through time to control gradient bias".
 * @throws ArgumentError when an option makes no sense; `start` with a task that is not causal, an update on a backend that cannot read
 * at once.
 */
export function adaptiveTruncation(options: AdaptiveTruncationOptions): Strategy {
  const of = 'adaptiveTruncation';
  checkOptions(of, options, adaptiveTable);
  const {
    updateEvery,
    maxLength,
    minLength = 1,
    tolerance = 0.1,
    measureEvery = 100,
    losses = 4,
    segment = updateEvery,
  } = options;
  const settings: AdaptiveSettings = { updateEvery, maxLength, minLength, tolerance, measureEvery, losses, segment };
  for (const name of ['updateEvery', 'maxLength', 'minLength', 'segment'] as const)
    checkSteps(of, name, settings[name]);
  for (const name of ['measureEvery', 'losses'] as const) {
    if (!Number.isSafeInteger(settings[name]) || settings[name] < 1)
      throw new ArgumentError(`${of}: ${name} must be a whole number ≥ 1, but is ${settings[name]}.`);
  }
  if (!(tolerance > 0 && tolerance < Infinity)) {
    throw new ArgumentError(
      `${of}: tolerance, the relative bias that is allowed, must be a finite number above 0, but is ${tolerance}.`,
    );
  }
  if (maxLength < updateEvery || maxLength < minLength) {
    throw new ArgumentError(
      `${of}: maxLength, the most steps back, must be at least updateEvery, ${updateEvery}, and minLength, ${minLength}, but is ${maxLength}.`,
    );
  }
  return {
    name: of,
    drops: null,
    updateEvery,
    backwardSteps: maxLength,
    start(task, runOptions = {}) {
      requireTask(`${of}().start`, task);
      checkOptions(`${of}().start`, runOptions, runTable);
      requireCausal(of, task);
      return new AdaptiveRun(task, settings, runOptions);
    },
  };
}
