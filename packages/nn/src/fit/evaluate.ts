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
import { dataKind, taskKind } from './kinds.js';
import { readLossWeight, type TrainableTask } from './TrainableTask.js';

/** What to evaluate, on what. */
export interface EvaluateOptions<P, C, S, O> {
  readonly task: TrainableTask<P, C, S, O>;
  /** Borrowed, and not changed. */
  readonly params: P;
  /** Its epoch 0 is read once. */
  readonly data: DataSource<S>;
}

/** The mean loss of a model on data. */
export interface Evaluation {
  /** Per item, in nats for cross-entropy; divided by ln 2 it is bits. */
  readonly loss: number;
  /** How many items it is the mean of. */
  readonly items: number;
}

const evaluateTable = optionTable<EvaluateOptions<unknown, unknown, unknown, unknown>>({
  task: required(taskKind),
  params: required('tree'),
  data: required(dataKind),
});

/**
 * The mean loss over one epoch of `data`, with a carry of its own and nothing random: whatever is being trained is left alone.
 * @throws DataError when the data gives nothing.
 */
export async function evaluate<P, C, S, O>(options: EvaluateOptions<P, C, S, O>): Promise<Evaluation> {
  checkOptions('evaluate', options, evaluateTable);
  const { task, params, data } = options;
  let carry: C | null = null;
  let [total, items, from] = [0, 0, 0];
  try {
    for await (const { stretch, ends } of data.open({ epoch: 0, index: 0 }, madeLike(params))) {
      let loss: Tensor | null = null;
      try {
        const result: { after: C; loss: Tensor } = forward(task, params, carry, stretch, from);
        ({ loss } = result);
        disposeTree(carry);
        carry = result.after;
        total += (await loss.read())[0] as number;
        items += await readLossWeight(task, stretch);
      } finally {
        loss?.dispose();
        from += treeLeaves(stretch)[0]?.shape[0] ?? 0;
        disposeTree(stretch);
      }
      if (!ends) continue;
      disposeTree(carry);
      carry = null;
      from = 0;
    }
  } finally {
    disposeTree(carry);
  }
  if (items === 0) throw new DataError('evaluate: the data gave nothing to evaluate on.');
  return { loss: total / items, items };
}

function forward<P, C, S, O>(
  task: TrainableTask<P, C, S, O>,
  params: P,
  carry: C | null,
  stretch: S,
  from: number,
): { after: C; loss: Tensor } {
  return scope(() => {
    const context = { from, key: null };
    const result = task.forward(params, carry ?? task.initialCarry(params, stretch), stretch, context);
    const loss = task.loss(params, result.output, stretch, context);
    if (loss.rank !== 0)
      throw new ArgumentError(
        `evaluate: the loss of a task must be a scalar, but is ${String(loss)}; reduce it with sum().`,
      );
    return {
      after: shareTree(result.carry),
      loss: keep(loss),
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
