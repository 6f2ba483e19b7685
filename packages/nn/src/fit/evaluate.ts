import {
  ArgumentError,
  disposeTree,
  keep,
  scope,
  shareTree,
  treeLeaves,
  type FloatDType,
  type Tensor,
} from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import type { DataSource } from '../data/index.js';
import { DataError } from '../data/index.js';
import { assess } from '../metrics/assess.js';
import type { Metrics, MetricValues, Scored } from '../metrics/index.js';
import { Measurements } from '../metrics/Measurements.js';
import { disposeScored, shareScored } from '../metrics/shareScored.js';
import { turn } from '../turn.js';
import { dataKind, paramsKind, taskKind } from './kinds.js';
import { readLossWeight, type TrainableTask } from './TrainableTask.js';

/** What to evaluate, on what. */
export interface EvaluateOptions<P, C, S, O, M extends Metrics = Metrics> {
  /** What is evaluated: a model, or any other task. */
  readonly task: TrainableTask<P, C, S, O>;
  /** Borrowed, and not changed. */
  readonly params: NoInfer<P>;
  /** Its epoch 0 is read once. */
  readonly data: DataSource<NoInfer<S>>;
  /** Figures to take as well, by the names they shall have: `{ accuracy: accuracy() }`. The task needs `scored`. */
  readonly metrics?: M;
}

/** The mean loss of a model on data, and what metrics came to. */
export interface Evaluation<M extends Metrics = Metrics> {
  /** Per item, in nats for cross-entropy; divided by ln 2 it is bits. */
  readonly loss: number;
  /** How many items it is the mean of. */
  readonly items: number;
  /** Values of the metrics that were asked for, by name. */
  readonly metrics: MetricValues<M>;
}

const evaluateTable = optionTable<EvaluateOptions<unknown, unknown, unknown, unknown>>({
  task: required(taskKind),
  params: required(paramsKind),
  data: required(dataKind),
  metrics: 'object',
});

/**
 * The mean loss over one epoch of `data`, with a carry of its own and nothing random: whatever is being trained is left alone.
 * Between stretches the event loop has its turn every few milliseconds.
 * @throws DataError when the data gives nothing; ArgumentError when it cuts sequences that a bidirectional task reads from their end too, or
 * does not fit the task.
 */
export async function evaluate<P, C, S, O, M extends Metrics>(
  options: EvaluateOptions<P, C, S, O, M>,
): Promise<Evaluation<M>> {
  checkOptions('evaluate', options, evaluateTable);
  const { task, params, data, metrics = {} as M } = options;
  requireScored('evaluate', task, metrics);
  const measurements = new Measurements('evaluate', metrics);
  const made = madeLike(params);
  let carry: C | null = null;
  let [total, items, from] = [0, 0, 0];
  try {
    for await (const { stretch, ends } of data.open({ epoch: 0, index: 0 }, made)) {
      let result: Forward<C> | null = null;
      try {
        requireWhole(task, from);
        result = forward(options, carry, stretch, from);
        disposeTree(carry);
        carry = result.after;
        total += await readLoss(task, result.loss, stretch, from);
        items += await readLossWeight(task, stretch);
        if (result.scored !== null) await measurements.add(result.scored, from);
      } finally {
        result?.loss.dispose();
        disposeScored(result?.scored ?? null);
        from += treeLeaves(stretch)[0]?.shape[0] ?? 0;
        disposeTree(stretch);
      }
      if (made.backend.readSync !== undefined) await turn();
      if (!ends) continue;
      disposeTree(carry);
      carry = null;
      from = 0;
    }
  } finally {
    disposeTree(carry);
  }
  if (items === 0) throw new DataError('evaluate: the data gave nothing to evaluate on.');
  return { loss: total / items, items, metrics: measurements.values() };
}

/** @throws ArgumentError where metrics are asked for that the task gives nothing to compare for. */
export function requireScored(op: string, task: { readonly scored?: unknown }, metrics: Metrics): void {
  const [name] = Object.keys(metrics);
  if (name === undefined || typeof task.scored === 'function') return;
  throw new ArgumentError(
    `${op}: the metric ${name} needs a task that says what it predicts: give it scored(params, output, stretch, context), which ` +
      'returns { kind, predictions, targets, mask }; sequenceModel and charModel have it.',
  );
}

/** @throws ArgumentError where a sequence is cut that is read from its end too: its parts would know nothing of what follows. */
function requireWhole({ causal }: { readonly causal?: boolean }, from: number): void {
  if (causal !== false || from === 0) return;
  throw new ArgumentError(
    `evaluate: a layer of this task runs backward in time (bidirectional), so its sequence cannot be cut, but a stretch begins at step ${from} of one. ` +
      'Give whole sequences: leave out the option steps of sequences().',
  );
}

/** @throws ArgumentError where the loss is no number since the data does not fit the task, which a device that answers later cannot say before. */
async function readLoss<P, C, S, O>(
  task: TrainableTask<P, C, S, O>,
  loss: Tensor,
  stretch: S,
  from: number,
): Promise<number> {
  const value = (await loss.read())[0] as number;
  const fault = Number.isFinite(value) ? null : ((await task.faultOf?.(stretch, from)) ?? null);
  if (fault !== null) throw new ArgumentError(fault);
  return value;
}

/** What a stretch gave; all of it belongs to whoever asked. */
interface Forward<C> {
  readonly after: C;
  readonly loss: Tensor;
  /** Null where no metrics are asked for. */
  readonly scored: Scored | null;
}

function forward<P, C, S, O>(
  { task, params, metrics = {} }: EvaluateOptions<P, C, S, O>,
  carry: C | null,
  stretch: S,
  from: number,
): Forward<C> {
  return scope(() => {
    const context = { from, key: null };
    const result = task.forward(params, carry ?? task.initialCarry(params, stretch), stretch, context);
    const of = [params, result.output, stretch, context] as const;
    const isMeasured = Object.keys(metrics).length > 0;
    const { loss, scored } = isMeasured ? assess(task, ...of) : { loss: task.loss(...of), scored: null };
    if (loss.rank !== 0)
      throw new ArgumentError(
        `evaluate: the loss of a task must be a scalar, but is ${String(loss)}; reduce it with sum().`,
      );
    return {
      after: shareTree(result.carry),
      loss: keep(loss),
      scored: shareScored('evaluate', scored),
    };
  });
}

/** Where and as what data for these parameters must be. */
export function madeLike(params: unknown): { backend: Tensor['backend']; dtype: FloatDType } {
  const first = treeLeaves(params)[0];
  if (first === undefined)
    throw new DataError('There is nothing to train or evaluate: the parameters have no tensors.');
  return { backend: first.backend, dtype: first.dtype as FloatDType };
}
