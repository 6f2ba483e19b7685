import {
  ArgumentError,
  disposeTree,
  foldIn,
  key,
  ones,
  scope,
  treeLeaves,
  treeMap,
  zeros,
  type FloatDType,
  type SequenceTask,
  type Strategy,
  type Tensor,
} from '@tempograd/core';
import { checkOptions, optionTable, required, type Backend, type Operand } from '@tempograd/core/backend';
import type { Clip } from '../fit/index.js';
import { checkClip, optimiserKind, strategyKind } from '../fit/kinds.js';
import { prepareGradient } from '../fit/prepareGradient.js';
import { requireSizes } from '../layers/parameter.js';
import type { ModelInput, NamedInputs, SequenceModel, SequenceStretch } from '../model/index.js';
import { isNamed } from '../model/ModelInput.js';
import type { Optimiser } from '../optim/index.js';
import { PlannedMemory, type MemoryUse, type PlannedHandle } from './PlannedMemory.js';
import { planningBackend } from './PlanningBackend.js';

/** The training to plan. */
export interface MemoryPlanOptions<S> {
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
  /** Whether stretches have a mask; default is false. For models of `sequenceModel`. */
  readonly mask?: boolean;
  /** The backend to plan for: what it can do fused and by views matters. Default is that of the parameters. */
  readonly backend?: Backend;
  /** Makes a stretch as the data would; needed for tasks that are not of `sequenceModel`. The values do not matter. */
  readonly stretch?: (options: StretchOptions) => S;
}

/** What a stretch of a plan must be. */
export interface StretchOptions {
  /** Steps. */
  readonly time: number;
  /** Rows in parallel. */
  readonly batch: number;
  /** Where its tensors are to be made. */
  readonly backend: Backend;
  /** Of inputs and targets that are not classes. */
  readonly dtype: FloatDType;
}

/** What training takes, in bytes. */
export interface MemoryPlan {
  /** The sum of the parts: the most that is live at once. */
  readonly peakBytes: number;
  /** What is live at that moment, by what it is for. */
  readonly parts: Readonly<Record<MemoryUse, number>>;
}

const planTable = optionTable<MemoryPlanOptions<unknown>>({
  time: required('number'),
  batch: required('number'),
  strategy: required(strategyKind),
  optimiser: required(optimiserKind),
  clip: 'object or null',
  mask: 'boolean',
  backend: 'backend',
  stretch: 'function',
});

/**
 * Predicts the peak memory of a training run with `fit`, before it: the strategy and the optimiser run on tensors that have sizes
 * but no numbers, until the windows are full, and what is live at the worst moment is counted:
 *
 * `peakBytes = parameters + optimiser + data + carried + recurrence + loss + backward + scratch + update`
 *
 * - `parameters` P, `optimiser` its moments (Adam 2 P), `data` the stretch being trained on;
 * - `carried`: what updates leave for later ones: the carry, and where windows overlap (`backwardSteps > updateEvery`) the
 *   recurrence of the steps that are still in reach, and the parameters it ran with;
 * - `recurrence`: what the forward pass keeps of this update's steps. With fused segments, each layer's gates and states,
 *   `time · batch · hidden` times 6 for LSTM (4 gates, h, c), 5 for GRU, 2 for RNN, and its input, `time · batch · inputs`; where
 *   the first layer reads an embedding by row numbers, its product `vocabulary · gates · hidden` in place of that input.
 *   Layer norms, residual connections and pooling keep some `time · batch · hidden` more each;
 * - `loss`: logits, `time · batch · outputs`, and for cross-entropy as much again for its gradient;
 * - `backward`: gradients (P) and the cotangents on their way;
 * - `scratch`: what fused ops work with, `time · batch · gates · hidden` in the recurrent backward pass. Some backends count it in
 *   `memory()`, some keep it beside;
 * - `update`: clipped gradients and other temporaries of the optimiser's step.
 *
 * @throws ArgumentError when the task needs `stretch`, or an option makes no sense.
 */
export function planMemory<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: P,
  options: MemoryPlanOptions<S>,
): MemoryPlan {
  checkOptions('planMemory', options, planTable);
  const { time, batch, strategy, optimiser, clip = null } = options;
  checkClip('planMemory', clip);
  requireSizes('planMemory', { time, batch });
  const first = treeLeaves(params)[0] as Tensor;
  const memory = new PlannedMemory();
  const backend = planningBackend(options.backend ?? first.backend, memory);
  const dtype = first.dtype as FloatDType;
  const makeStretch =
    options.stretch ?? (stretchOfModel(task, options.mask ?? false) as (options: StretchOptions) => S);
  scope(() => {
    const planned = treeMap(params, (leaf) => zeros(leaf.shape, { dtype: leaf.dtype, backend }));
    const state = memory.as('optimiser', () => optimiser.init(planned));
    const run = strategy.start(labelled(task, memory), { key: foldIn(key(0), 1) });
    const take = (updates: ReturnType<typeof run.push>): void => {
      for (const { gradient } of updates) {
        memory.as('update', () => {
          scope(() => {
            const { clipped, scale } = prepareGradient(gradient, clip, 1);
            optimiser.update(planned, clipped ?? gradient, state, { scale });
          });
        });
      }
      memory.relabel('carried');
      setUse(planned, 'parameters');
      setUse(state.moments, 'optimiser');
    };
    for (let steps = 0; steps < stepsUntilSteady(strategy, time); steps += time) {
      const stretch = memory.as('data', () => scope(() => makeStretch({ time, batch, backend, dtype })));
      memory.as('backward', () => take(run.push(planned, stretch)));
      disposeTree(stretch);
    }
    memory.as('backward', () => take(run.finish(planned)));
    run.dispose();
  });
  const { peakBytes, atPeak } = memory;
  const parts = Object.fromEntries(memoryUses.map((use) => [use, atPeak.get(use) ?? 0]));
  return { peakBytes, parts: parts as MemoryPlan['parts'] };
}

const memoryUses: readonly MemoryUse[] = [
  'parameters',
  'optimiser',
  'data',
  'carried',
  'recurrence',
  'loss',
  'backward',
  'scratch',
  'update',
];

/** The task, counting what its parts make. */
function labelled<P, C, S, O>(task: SequenceTask<P, C, S, O>, memory: PlannedMemory): SequenceTask<P, C, S, O> {
  return {
    initialCarry: (...args) => memory.as('recurrence', () => task.initialCarry(...args)),
    forward: (...args) => memory.as('recurrence', () => task.forward(...args)),
    loss: (...args) => memory.as('loss', () => task.loss(...args)),
    ...(task.causal === undefined ? {} : { causal: task.causal }),
  };
}

/** Steps after which every window reaches as far back as it ever will. */
function stepsUntilSteady({ updateEvery, backwardSteps }: Strategy, time: number): number {
  if (updateEvery === Infinity) return time;
  return backwardSteps === Infinity ? 3 * updateEvery : backwardSteps + 3 * updateEvery;
}

function setUse(tree: unknown, use: MemoryUse): void {
  for (const leaf of treeLeaves(tree)) (leaf as unknown as Operand<PlannedHandle>).handle.block.use = use;
}

/** Stretches for a model of `sequenceModel`. */
function stretchOfModel(
  task: unknown,
  masked: boolean,
): (options: StretchOptions) => SequenceStretch<ModelInput | NamedInputs> {
  const { config } = task as Partial<SequenceModel<ModelInput | NamedInputs>>;
  if (config === undefined) {
    throw new ArgumentError(
      'planMemory: this task is not of sequenceModel(); say how its stretches look: { stretch: ({ time, batch, backend, dtype }) => … }.',
    );
  }
  return ({ time, batch, backend, dtype }) => {
    const steps = [time, batch];
    const integers = { dtype: 'i32', backend } as const;
    const { input, loss, outputs } = config;
    const inputOf = (kind: ModelInput): Tensor =>
      'vocabulary' in kind ? zeros(steps, integers) : zeros([...steps, kind.features], { dtype, backend });
    return {
      inputs: isNamed(input)
        ? Object.fromEntries(Object.entries(input).map(([name, kind]) => [name, inputOf(kind)]))
        : inputOf(input),
      targets: loss === 'crossEntropy' ? zeros(steps, integers) : zeros([...steps, outputs], { dtype, backend }),
      mask: masked ? ones(steps, integers) : null,
    };
  };
}
