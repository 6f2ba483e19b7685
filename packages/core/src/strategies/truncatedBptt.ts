import { ArgumentError } from '../backend/errors.js';
import { checkOptions, optionTable, required } from '../backend/options.js';
import { requireTask } from '../recurrence/SequenceTask.js';
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
  /** Default is 'interval': every loss counts exactly once. 'last': only the loss of the interval's last step; the others are dropped. */
  readonly lossScope?: 'interval' | 'last';
  /**
   * When parameters have moved since the window began: 'stored' (the default) pulls back through the overlap as it ran then,
   * 'recompute' runs it again with the current parameters, at the cost of its steps forward. Without overlap they are the same.
   */
  readonly staleness?: 'stored' | 'recompute';
}

const truncatedBpttTable = optionTable<TruncatedBpttOptions>({
  updateEvery: required('number'),
  backwardSteps: 'number',
  lossScope: ['interval', 'last'],
  staleness: ['stored', 'recompute'],
});

/**
 * Truncated backpropagation through time: at each update time τ the losses of `(τ−u, τ]` are pulled back to the steps of
 * `(τ−b, τ]`. The carry crosses boundaries whole and detached. What remains at the end is trained with the same overlap.
 * Source: Williams & Peng 1990, "An efficient gradient-based algorithm for on-line training of recurrent network trajectories".
 * @throws ArgumentError when a length is not a whole number ≥ 1, or an option has an unknown value.
 */
export function truncatedBptt(options: TruncatedBpttOptions): Strategy {
  refuseWindow(options);
  checkOptions('truncatedBptt', options, truncatedBpttTable);
  const { updateEvery, backwardSteps = updateEvery, lossScope = 'interval', staleness = 'stored' } = options;
  checkLength('updateEvery', updateEvery);
  checkLength('backwardSteps', backwardSteps);
  const settings: WindowSettings = { updateEvery, backwardSteps, lossScope, staleness };
  return {
    name: 'truncatedBptt',
    drops: lossScope === 'last' && updateEvery > 1 ? `only every ${updateEvery}th loss is trained on` : null,
    updateEvery,
    backwardSteps,
    start(task, runOptions = {}) {
      requireTask('truncatedBptt().start', task);
      checkOptions('truncatedBptt().start', runOptions, runTable);
      if (task.causal === false) {
        throw new ArgumentError(
          'truncatedBptt: a layer of this task runs backward in time (bidirectional), so its sequence cannot be cut. Use fullBptt().',
        );
      }
      return new WindowRun(task, settings, runOptions);
    },
  };
}

function checkLength(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new ArgumentError(
      `truncatedBptt: ${name} is a number of steps and must be a whole number ≥ 1, but is ${value}.`,
    );
  }
}

/** A lossScope that others offer, refused with the reason. */
function refuseWindow(options: { readonly lossScope?: string } | null | undefined): void {
  if (options?.lossScope === 'window') {
    throw new ArgumentError(
      "truncatedBptt: lossScope 'window' would count a loss once for every window it lies in, about backwardSteps/updateEvery times. " +
        "Use 'interval', which counts each loss once.",
    );
  }
}
