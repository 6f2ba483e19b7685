import { disposeTree, treeEntries, type RunSnapshot, type Tensor } from '@tempograd/core';
import type { StoredTensor } from '../../safetensors/index.js';
import type { TrainingRun } from '../TrainingRun.js';
import { writeRunState, type Checkpoint, type RunState } from './Checkpoint.js';
import { describeTree } from './treeJson.js';

/** Takes a checkpoint of a run that is between two updates. */
export async function takeCheckpoint<P, C, S, O>(
  run: TrainingRun<P, C, S, O>,
  params: P,
  metadata: Readonly<Record<string, string>>,
): Promise<Checkpoint> {
  const tensors = new Map<string, Tensor>();
  for (const [path, leaf] of treeEntries(params)) tensors.set(`params.${path}`, leaf);
  for (const [path, leaf] of treeEntries(run.optimiserState.moments)) tensors.set(`optimiser.${path}`, leaf);
  const sequence = run.snapshot();
  const state: RunState = {
    ...run.state,
    run: sequence && { ...sequence, snapshot: describeSnapshot(sequence.snapshot, tensors) },
  };
  try {
    const read = async ([name, tensor]: [string, Tensor]): Promise<[string, StoredTensor]> => [
      name,
      // A copy: what a backend gives back may be its own memory.
      { dtype: tensor.dtype, shape: [...tensor.shape], data: (await tensor.read()).slice() },
    ];
    return {
      tensors: new Map(await Promise.all([...tensors].map(read))),
      metadata: { ...metadata, ...writeRunState(state) },
    };
  } finally {
    if (sequence !== null) disposeSnapshot(sequence.snapshot);
  }
}

/** Disposes of all trees of a snapshot. */
export function disposeSnapshot({ carry, pending, pieces }: RunSnapshot): void {
  disposeTree([carry, pending, ...pieces.map(({ params, carry: start, stretch }) => [params, start, stretch])]);
}

function describeSnapshot(
  { position, carry, pending, pieces }: RunSnapshot,
  tensors: Map<string, Tensor>,
): NonNullable<RunState['run']>['snapshot'] {
  return {
    position,
    carry: describeTree(carry, 'run.carry', tensors),
    pending: describeTree(pending, 'run.pending', tensors),
    pieces: pieces.map((piece, index) => ({
      from: piece.from,
      params: describeTree(piece.params, `run.pieces.${index}.params`, tensors),
      carry: describeTree(piece.carry, `run.pieces.${index}.carry`, tensors),
      stretch: describeTree(piece.stretch, `run.pieces.${index}.stretch`, tensors),
    })),
  };
}
