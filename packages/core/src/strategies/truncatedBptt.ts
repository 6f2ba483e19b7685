import { ArgumentError } from '../backend/errors.js';
import { checkOptions, optionTable, required } from '../backend/options.js';
import { checkSteps } from '../recurrence/checkSteps.js';
import { requireTask } from '../recurrence/SequenceTask.js';
import { checkpointSettings, type CheckpointOptions } from './checkpointOptions.js';
import { requireCausal } from './checkSettings.js';
import { startWeighted, type LossWeights } from './lossWeights.js';
import { KnownSizes } from './measureStates.js';
import { runTable, type Strategy } from './Strategy.js';
import type { WindowSettings } from './planWindow.js';
import { WindowRun } from './WindowRun.js';

/** How to truncate. The sources' k1 and k2 are translated in docs/guides/truncation.md. */
export interface TruncatedBpttOptions {
  /** Steps forward between two updates (u). */
  readonly updateEvery: number;
  /**
   * Steps back at each update (b), counting the step of the loss itself; default is `updateEvery`. Equal: chunks that do not
   * overlap. Longer: overlapping windows, b = 2u is recommended. Shorter: losses before the window train the readout alone.
   */
  readonly backwardSteps?: number;
  /**
   * Default is 'interval': every loss counts exactly once. 'last': only the loss of the interval's last step; the others are dropped.
   * Else the weight of each loss: sampled losses with weight 1/p, or a few that count.
   */
  readonly lossScope?: 'interval' | 'last' | LossWeights;
  /**
   * When parameters have moved since the window began: 'stored' (the default) pulls back through the overlap as it ran then,
   * 'recompute' runs it again with the current parameters, at the cost of its steps forward. Without overlap they are the same.
   */
  readonly staleness?: 'stored' | 'recompute';
  /**
   * For long windows: which states of one are kept, as at `checkpointedBptt`; `{}` is about √b segments. The others are run again in each
   * update, as they ran first or with the current parameters, as `staleness` says. Default is to keep all that the way back needs.
   */
  readonly checkpoints?: CheckpointOptions;
}

const truncatedBpttTable = optionTable<TruncatedBpttOptions>({
  updateEvery: required('number'),
  backwardSteps: 'number',
  lossScope: 'string or array or function',
  staleness: ['stored', 'recompute'],
  checkpoints: 'object',
});

/**
 * Truncated backpropagation through time: at each update time τ the losses of `(τ−u, τ]` are pulled back to the steps of
 * `(τ−b, τ]`. The carry crosses boundaries whole and detached. What remains at the end is trained with the same overlap.
 * Source: Williams & Peng 1990, "An efficient gradient-based algorithm for on-line training of recurrent network trajectories".
 * @throws ArgumentError when a length is not a whole number ≥ 1, or an option has an unknown value.
 */
export function truncatedBptt(options: TruncatedBpttOptions): Strategy {
  checkOptions('truncatedBptt', options, truncatedBpttTable);
  checkScope(options.lossScope);
  const { updateEvery, backwardSteps = updateEvery, lossScope = 'interval', staleness = 'stored' } = options;
  checkSteps('truncatedBptt', 'updateEvery', updateEvery);
  checkSteps('truncatedBptt', 'backwardSteps', backwardSteps);
  const weights = typeof lossScope === 'string' ? null : lossScope;
  const settings: WindowSettings = {
    updateEvery,
    backwardSteps,
    lossScope: lossScope === 'last' ? 'last' : 'interval',
    staleness,
  };
  const { checkpoints } = options;
  const kept =
    checkpoints === undefined
      ? null
      : { settings: checkpointSettings('truncatedBptt', checkpoints, 'checkpoints'), sizes: new KnownSizes() };
  return {
    name: 'truncatedBptt',
    drops: lossScope === 'last' && updateEvery > 1 ? `only every ${updateEvery}th loss is trained on` : null,
    updateEvery,
    backwardSteps,
    start(task, runOptions = {}) {
      requireTask('truncatedBptt().start', task);
      checkOptions('truncatedBptt().start', runOptions, runTable);
      requireCausal('truncatedBptt', task);
      return startWeighted(
        'truncatedBptt',
        weights,
        task,
        (weighted) => new WindowRun(weighted, settings, runOptions, kept && { ...kept, measured: task }),
      );
    },
  };
}

/** Refuses a word that is none, and one that others offer with the reason. */
function checkScope(lossScope: TruncatedBpttOptions['lossScope']): void {
  if (typeof lossScope !== 'string' || lossScope === 'interval' || lossScope === 'last') return;
  throw new ArgumentError(
    (lossScope as string) === 'window'
      ? "truncatedBptt: lossScope 'window' would count a loss once for every window it lies in, about backwardSteps/updateEvery times. " +
          "Use 'interval', which counts each loss once."
      : `truncatedBptt: lossScope must be "interval", "last", or the weights of the losses, a function of the step or an array, but is ${JSON.stringify(lossScope)}.`,
  );
}
