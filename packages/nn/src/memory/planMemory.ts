import { scope, treeLeaves, treeMap, zeros, type FloatDType, type Strategy, type Tensor } from '@tempograd/core';
import { checkOptions, optionTable, required, type Backend } from '@tempograd/core/backend';
import { checkAverage } from '../fit/average.js';
import { checkEarlyStopping } from '../fit/EarlyStopping.js';
import type { Clip, EarlyStoppingOptions, RunningAverage, TrainableTask } from '../fit/index.js';
import { checkClip, optimiserKind, strategyKind } from '../fit/kinds.js';
import { requireSizes } from '../layers/parameter.js';
import { checkHealth, type TrainingHealthOptions } from '../fit/health/TrainingHealthOptions.js';
import type { Optimiser } from '../optim/index.js';
import { PlannedMemory, type MemoryUse } from './PlannedMemory.js';
import { planningBackend } from './PlanningBackend.js';
import { simulateTraining } from './simulateTraining.js';
import { stretchOfModel, type StretchOptions } from './stretchOfModel.js';

/** The training to plan. */
export interface MemoryPlanOptions<S, P = unknown> {
  /** Steps of the stretches that the data gives. */
  readonly time: number;
  /** Rows in parallel. */
  readonly batch: number;
  /** As it is given to `fit`. */
  readonly strategy: Strategy;
  /** As it is given to `fit`. */
  readonly optimiser: Optimiser;
  /** Default is none. */
  readonly clip?: Clip | null;
  /** As it is given to `fit`: updates whose gradients make one step of the optimiser; default is 1. */
  readonly accumulate?: number;
  /** As it is given to `fit`: the average of the parameters that is kept beside them; default is none. */
  readonly average?: RunningAverage<P>;
  /** As it is given to `fit`: it keeps the best parameters, and without an evaluation those before the latest update; default is none. */
  readonly earlyStopping?: EarlyStoppingOptions;
  /** Whether `fit` is asked to evaluate, on stretches no larger than those trained on; default is false. */
  readonly evaluates?: boolean;
  /** As it is given to `fit`: whether gradients are taken at parameters with noise, which are a copy; default is 0. */
  readonly weightNoise?: number;
  /** As it is given to `fit`: what looks at gradients on the way; default is none. */
  readonly health?: TrainingHealthOptions;
  /** Whether stretches have a mask; default is false. For models of `sequenceModel`. */
  readonly mask?: boolean;
  /** The backend to plan for, on which a few steps are tried. Default is that of the parameters. */
  readonly backend?: Backend;
  /** Makes a stretch as the data would; needed for tasks that are not of `sequenceModel`. The values do not matter. */
  readonly stretch?: (options: StretchOptions) => S;
}

/** What training takes, in bytes. */
export interface MemoryPlan {
  /** The sum of the parts: the most that is live at once. */
  readonly peakBytes: number;
  /** What is live at that moment, by what it is for. */
  readonly parts: Readonly<Record<MemoryUse, number>>;
}

const planTable = optionTable<MemoryPlanOptions<unknown, object>>({
  time: required('number'),
  batch: required('number'),
  strategy: required(strategyKind),
  optimiser: required(optimiserKind),
  clip: 'object or null',
  accumulate: 'number',
  average: 'object',
  earlyStopping: 'object',
  evaluates: 'boolean',
  weightNoise: 'number',
  health: 'object',
  mask: 'boolean',
  backend: 'backend',
  stretch: 'function',
});

/**
 * Predicts the peak memory of a training run with `fit`, before it: `fit`'s own steps run on tensors that have sizes but no numbers,
 * until the windows are full, and what is live at the worst moment is counted, as the backend's `memory()` counts it:
 *
 * `peakBytes = parameters + optimiser + kept + data + carried + recurrence + loss + backward + scratch + update`
 *
 * - `parameters` P, `optimiser` its moments (Adam 2 P), `data` the stretch being trained on;
 * - `kept`: copies of the parameters: the average's, and those that early stopping holds;
 * - `carried`: what updates leave for later ones: the carry; where windows overlap (`backwardSteps > updateEvery`) the recurrence of
 *   the steps that are still in reach, and the parameters it ran with; gradients that add up (`accumulate`). On a backend that cannot
 *   be read at once also the gradient of the update whose loss is awaited (P), and its stretch counts as data;
 * - `recurrence`: what the forward pass keeps of this update's steps. With fused segments, each layer's gates and states,
 *   `time · batch · hidden` times 6 for LSTM (4 gates, h, c), 5 for GRU, 2 for RNN, and its input, `time · batch · inputs`; where
 *   the first layer reads an embedding by row numbers, its product `vocabulary · gates · hidden` in place of that input.
 *   Layer norms, residual connections and pooling keep some `time · batch · hidden` more each;
 * - `loss`: logits, `time · batch · outputs`, and for cross-entropy as much again for its gradient;
 * - `backward`: gradients (P) and the cotangents on their way;
 * - `scratch`: what fused recurrent layers work with and give back, such as the gates' cotangents, `time · batch · gates · hidden`. The
 *   WASM backend keeps that beside, where `memory()` does not count it, and so the plan does not;
 * - `update`: clipped gradients and other temporaries of the optimiser's step; where windows overlap, the parameters and moments anew.
 *
 * What a backend saves of a recurrent layer, and works with, is measured: the layer runs over a few steps and rows of zeros. Of
 * strategies that draw how far back they look, it is the highest of 100 updates, with the key that `fit` takes by default; of those
 * that find it on the way, as if gradients did not fade. Of a stretch that is longer than it takes for memory to stay as it is, the rest is not
 * gone through.
 *
 * @throws ArgumentError when the task needs `stretch`, or an option makes no sense; and for an update over so many steps that going
 * through it would take minutes.
 */
export function planMemory<P, C, S, O>(
  task: TrainableTask<P, C, S, O>,
  params: P,
  options: MemoryPlanOptions<S, P>,
): MemoryPlan {
  checkOptions('planMemory', options, planTable);
  const { time, batch, clip = null, accumulate = 1, average, earlyStopping, evaluates = false } = options;
  checkClip('planMemory', clip);
  requireSizes('planMemory', { time, batch, accumulate });
  if (options.health !== undefined) checkHealth(options.health);
  if (average !== undefined) checkAverage(average, params);
  const { metric = 'loss' } = earlyStopping ?? {};
  if (earlyStopping) checkEarlyStopping(earlyStopping, evaluates && typeof metric === 'string' ? [metric] : null);
  const first = treeLeaves(params)[0] as Tensor;
  const real = options.backend ?? first.backend;
  const memory = new PlannedMemory();
  const backend = planningBackend(real, memory);
  const dtype = first.dtype as FloatDType;
  const makeStretch =
    options.stretch ?? (stretchOfModel(task, options.mask ?? false) as (options: StretchOptions) => S);
  const plannedLike = (tree: P): P => treeMap(tree, (leaf) => zeros(leaf.shape, { dtype: leaf.dtype, backend }));
  scope(() => {
    const { strategy, optimiser, weightNoise = 0 } = options;
    const following = average && { ...average, params: memory.as('kept', () => plannedLike(average.params)) };
    const trained = { task, params: plannedLike(params), strategy, optimiser, clip, accumulate, weightNoise };
    simulateTraining({
      options: {
        ...trained,
        ...(following === undefined ? {} : { average: following }),
        ...(earlyStopping === undefined ? {} : { earlyStopping }),
        ...(options.health === undefined ? {} : { health: { ...options.health, every: 1 } }),
      },
      evaluates,
      time,
      makeStretch: () => makeStretch({ time, batch, backend, dtype }),
      memory,
      goesAhead: real.readSync === undefined,
    });
  });
  const { peakBytes, atPeak } = memory;
  const parts = Object.fromEntries(memoryUses.map((use) => [use, atPeak.get(use) ?? 0]));
  return { peakBytes, parts: parts as MemoryPlan['parts'] };
}

const memoryUses: readonly MemoryUse[] = [
  'parameters',
  'optimiser',
  'kept',
  'data',
  'carried',
  'recurrence',
  'loss',
  'backward',
  'scratch',
  'update',
];
