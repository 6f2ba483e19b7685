import { ArgumentError, treeEntries, type RunSnapshot, type Tensor } from '@tempograd/core';
import type { StoredTensor } from '../../safetensors/index.js';
import type { RunningAverage } from '../average.js';
import type { TrainingRun } from '../TrainingRun.js';
import type { Checkpoint } from './Checkpoint.js';
import { writeRunState, type RunState } from './RunState.js';
import { describeTree, tensorsIn } from './treeJson.js';

/** Takes a checkpoint of a run that is between two updates. */
export async function takeCheckpoint<P, C, S, O>(
  run: TrainingRun<P, C, S, O>,
  { params, average }: { readonly params: P; readonly average?: RunningAverage<P> },
  metadata: Readonly<Record<string, string>>,
): Promise<Checkpoint> {
  const tensors = new Map<string, Tensor>();
  const trees = {
    params,
    optimiser: run.optimiserState.moments,
    average: average?.params ?? null,
    best: run.stopping?.kept ?? null,
  };
  for (const [path, leaf] of treeEntries(trees)) {
    if (tensors.has(path))
      throw new ArgumentError(`A checkpoint cannot be taken: two tensors are at "${path}". Leave dots out of names.`);
    tensors.set(path, leaf);
  }
  const sequence = run.snapshot();
  try {
    const state: RunState = {
      ...run.state,
      run: sequence && { ...sequence, snapshot: describeSnapshot(sequence.snapshot, tensors) },
    };
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
    for (const tensor of tensorsIn(sequence?.snapshot)) tensor.dispose();
  }
}

function describeSnapshot(
  { position, carry, pending, pieces, state }: RunSnapshot,
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
    ...(state === undefined ? {} : { state: describeTree(state, 'run.state', tensors, true) }),
  };
}
