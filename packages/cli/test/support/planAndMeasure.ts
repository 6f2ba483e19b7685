import {
  disposeTree,
  keep,
  key,
  ones,
  scope,
  shareTree,
  zeros,
  type Strategy,
  type StrategyRun,
} from '@tempograd/core';
import type { Backend } from '@tempograd/core/backend';
import {
  fit,
  planMemory,
  sequenceModel,
  type DataSource,
  type FitOptions,
  type MemoryPlan,
  type MemoryPlanOptions,
  type MemoryUse,
  type Optimiser,
  type SequenceModelConfig,
  type SequenceStretch,
} from '@tempograd/nn';
import { measuringBackend, type Ledger } from './measuringBackend.js';

/** A training to plan and to run. */
export interface PlannedTraining extends Omit<MemoryPlanOptions<SequenceStretch>, 'backend' | 'average'> {
  readonly model: SequenceModelConfig;
  /** Stretches of each sequence, and sequences. */
  readonly stretches: number;
  readonly sequences?: number;
  /** Of an average to keep. */
  readonly decay?: number;
}

/** What it takes, as planned before it and as `memory()` said. */
export interface Both {
  readonly planned: MemoryPlan;
  readonly measured: Pick<MemoryPlan, 'peakBytes'> & { readonly parts: Readonly<Partial<MemoryPlan['parts']>> };
}

/** Plans a training with `fit`, and runs it on the same backend. */
export async function planAndMeasure(training: PlannedTraining, backend: Backend): Promise<Both> {
  const { model: config, stretches, sequences = 2, decay, ...options } = training;
  const model = sequenceModel(config);
  const { backend: measuring, ledger } = measuringBackend(backend);
  const params = scope(() => keep(model.init(key(1), { backend: measuring })));
  const following = decay === undefined ? {} : { average: { params: shareTree(params), decay } };
  const planned = planMemory(model, params, { ...options, ...following, backend });
  const { evaluates, mask: _mask, stretch: _stretch, time: _time, batch: _batch, ...asFit } = options;
  const moments: { tree: unknown } = { tree: null };
  const settle = (): void => {
    ledger.relabel('carried');
    ledger.setUse(params, 'parameters');
    ledger.setUse(moments.tree, 'optimiser');
    ledger.setUse(following.average?.params, 'kept');
  };
  const dataFor = (after: MemoryUse): DataSource<SequenceStretch> =>
    dataOf(training, { stretches, sequences, after }, measuring, ledger);
  ledger.use = 'kept';
  const fitted = {
    ...asFit,
    ...following,
    ...(evaluates === true ? { evaluate: { data: dataFor('kept'), every: 1 } } : {}),
    task: labelled(model, ledger),
    optimiser: labelledOptimiser(options.optimiser, ledger, (tree) => (moments.tree = tree)),
    strategy: labelledStrategy(options.strategy, ledger, settle),
    params,
    data: dataFor('backward'),
    epochs: 1,
  } as unknown as FitOptions<unknown, unknown, SequenceStretch, unknown>;
  let updates = 0;
  for await (const { update } of fit(fitted)) updates = update;
  if (updates === 0) throw new Error('Nothing was trained.');
  disposeTree([params, following.average?.params]);
  return { planned, measured: { peakBytes: ledger.peakBytes, parts: Object.fromEntries(ledger.atPeak) } };
}

function during<R>(ledger: Ledger, use: MemoryUse, fn: () => R): R {
  const before = ledger.use;
  ledger.use = use;
  try {
    return fn();
  } finally {
    ledger.use = before;
  }
}

function labelled<T extends ReturnType<typeof sequenceModel>>(model: T, ledger: Ledger): T {
  return {
    ...model,
    initialCarry: (...args: Parameters<T['initialCarry']>) =>
      during(ledger, 'recurrence', () => model.initialCarry(...(args as Parameters<typeof model.initialCarry>))),
    forward: (...args: Parameters<T['forward']>) =>
      during(ledger, 'recurrence', () => model.forward(...(args as Parameters<typeof model.forward>))),
    loss: (...args: Parameters<T['loss']>) =>
      during(ledger, 'loss', () => model.loss(...(args as Parameters<typeof model.loss>))),
  };
}

function labelledOptimiser(optimiser: Optimiser, ledger: Ledger, made: (moments: unknown) => void): Optimiser {
  return {
    ...optimiser,
    init(params) {
      const state = during(ledger, 'optimiser', () => optimiser.init(params));
      made(state.moments);
      return state;
    },
  };
}

/**
 * Its gradients are the way back's; what is made from there to the end of the update is the update's, and what is made after it, the
 * stretches aside, is kept by whoever watches the training.
 */
function labelledStrategy(strategy: Strategy, ledger: Ledger, settle: () => void): Strategy {
  function* label<U>(updates: Generator<U, void, void>): Generator<U, void, void> {
    try {
      for (;;) {
        const next = during(ledger, 'backward', () => updates.next());
        if (next.done === true) return;
        ledger.use = 'update';
        yield next.value;
        settle();
      }
    } finally {
      updates.return();
      ledger.use = 'kept';
    }
  }
  return {
    ...strategy,
    start<P, C, S, O>(...args: Parameters<typeof strategy.start<P, C, S, O>>): StrategyRun<P, C, S> {
      const run = strategy.start<P, C, S, O>(...args);
      return {
        push: (params, stretch) => label(run.push(params, stretch)),
        finish: (params) => label(run.finish(params)),
        get position() {
          return run.position;
        },
        get carry() {
          return run.carry;
        },
        snapshot: () => run.snapshot(),
        dispose: () => run.dispose(),
      };
    },
  };
}

function dataOf(
  { model, time, batch, mask = false }: PlannedTraining,
  { stretches, sequences, after }: { stretches: number; sequences: number; after: MemoryUse },
  backend: Backend,
  ledger: Ledger,
): DataSource<SequenceStretch> {
  const make = (): SequenceStretch =>
    during(ledger, 'data', () => scope(() => keep(stretchOf(model, [time, batch], mask, backend))));
  return {
    stretches: stretches * sequences,
    async *open({ index }) {
      for (let at = index; at < stretches * sequences; at++) {
        const stretch = make();
        ledger.use = after;
        yield { stretch, ends: (at + 1) % stretches === 0 };
      }
    },
  };
}

function stretchOf(
  { input, outputs }: SequenceModelConfig,
  steps: readonly [number, number],
  mask: boolean,
  backend: Backend,
): SequenceStretch {
  const integers = { dtype: 'i32', backend } as const;
  const classes = 'vocabulary' in input;
  return {
    inputs: classes ? zeros(steps, integers) : zeros([...steps, (input as { features: number }).features], { backend }),
    targets: classes ? zeros(steps, integers) : zeros([...steps, outputs], { backend }),
    ...(mask ? { mask: ones(steps, integers) } : {}),
  };
}
