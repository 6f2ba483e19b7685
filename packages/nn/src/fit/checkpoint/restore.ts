import { assign, keep, scope, treeZip, type Backend, type RunSnapshot } from '@tempograd/core';
import { loadInto } from '../../safetensors/index.js';
import { madeLike } from '../evaluate.js';
import type { FitOptions } from '../FitOptions.js';
import { TrainingRun } from '../TrainingRun.js';
import { readRunState, type Checkpoint, type RunState } from './Checkpoint.js';
import { CheckpointError } from './CheckpointError.js';
import { disposeSnapshot } from './save.js';
import { restoreTree } from './treeJson.js';

/**
 * Refuses a checkpoint of another kind of run.
 * @throws CheckpointError naming what differs.
 */
export function checkResume<P, C, S, O>({ strategy, optimiser }: FitOptions<P, C, S, O>, checkpoint: Checkpoint): void {
  const state = readRunState(checkpoint);
  const steps = (value: number | null): string => (value === null || value === Infinity ? 'all' : String(value));
  const compared: [what: string, stored: string, given: string][] = [
    ['the strategy', state.strategy.name, strategy.name],
    ['updateEvery', steps(state.strategy.updateEvery), steps(strategy.updateEvery)],
    ['backwardSteps', steps(state.strategy.backwardSteps), steps(strategy.backwardSteps)],
    ['the optimiser', state.optimiser.name, optimiser.name],
  ];
  const different = compared.filter(([, stored, given]) => stored !== given);
  if (different.length === 0) return;
  throw new CheckpointError(
    `The checkpoint is of another run: ${different.map(([what, stored, given]) => `${what} was ${stored} and is now ${given}`).join('; ')}. ` +
      'Go on with the same settings, or start anew from its parameters: loadInto(params, checkpoint, { prefix: "params." }).',
  );
}

/**
 * A run as it was when the checkpoint was taken; `params` get their values of then, in place.
 * @throws SafetensorsError, CheckpointError when something does not fit; then nothing was changed.
 */
export function restoreRun<P, C, S, O>(
  options: FitOptions<P, C, S, O>,
  checkpoint: Checkpoint,
): TrainingRun<P, C, S, O> {
  const { params, optimiser } = options;
  const { backend } = madeLike(params);
  const state = readRunState(checkpoint);
  return scope(() => {
    const values = loadInto(params, checkpoint, { prefix: 'params.' });
    const moments = loadInto(optimiser.init(params).moments, checkpoint, { prefix: 'optimiser.' });
    const snapshot = state.run && restoreSnapshot(state.run.snapshot, checkpoint, backend);
    treeZip(params, values, (parameter, value) => {
      assign(parameter, value);
      return parameter;
    });
    const optimiserState = { step: state.optimiser.step, moments: keep(moments) };
    try {
      return new TrainingRun(options, { state, optimiserState, snapshot });
    } finally {
      if (snapshot !== null) disposeSnapshot(snapshot);
    }
  });
}

function restoreSnapshot(
  { position, carry, pending, pieces }: NonNullable<RunState['run']>['snapshot'],
  checkpoint: Checkpoint,
  backend: Backend,
): RunSnapshot {
  return {
    position,
    carry: restoreTree(carry, checkpoint, backend),
    pending: restoreTree(pending, checkpoint, backend),
    pieces: pieces.map((piece) => ({
      from: piece.from,
      params: restoreTree(piece.params, checkpoint, backend),
      carry: restoreTree(piece.carry, checkpoint, backend),
      stretch: restoreTree(piece.stretch, checkpoint, backend),
    })),
  };
}
