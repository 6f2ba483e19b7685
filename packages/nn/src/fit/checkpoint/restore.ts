import { keep, scope, treeEntries, type RunSnapshot } from '@tempograd/core';
import { fingerprintIn } from '../../data/fingerprint.js';
import { SafetensorsError } from '../../safetensors/index.js';
import { tensorMisfit } from '../../safetensors/requireTensors.js';
import { storedValues } from '../../safetensors/storedValues.js';
import { madeLike } from '../evaluate.js';
import type { EarlyStopping } from '../EarlyStopping.js';
import type { FitOptions } from '../FitOptions.js';
import type { TrainableTask } from '../TrainableTask.js';
import { TrainingRun, type Resumed } from '../TrainingRun.js';
import type { Checkpoint } from './Checkpoint.js';
import { CheckpointError, damagedAt } from './CheckpointError.js';
import { checkSnapshot } from './checkSnapshot.js';
import { readRunState, type RunState } from './RunState.js';
import { stageParams } from './stageParams.js';
import { restoreTree, type TreeSource } from './treeJson.js';
import { tryStep } from './tryStep.js';

/**
 * Refuses a checkpoint of another kind of run.
 * @throws CheckpointError naming what differs.
 */
export function checkResume<P, C, S, O>(
  { strategy, optimiser, data, average }: FitOptions<P, C, S, O>,
  checkpoint: Checkpoint,
): void {
  const state = readRunState(checkpoint);
  const { drops = strategy.drops } = state.strategy;
  const compared: [what: string, stored: string, given: string][] = [
    ['the strategy', state.strategy.name, strategy.name],
    ['updateEvery', stepsOf(state.strategy.updateEvery), stepsOf(strategy.updateEvery)],
    ['backwardSteps', stepsOf(state.strategy.backwardSteps), stepsOf(strategy.backwardSteps)],
    ['what it drops', drops ?? 'nothing', strategy.drops ?? 'nothing'],
    ['the optimiser', state.optimiser.name, optimiser.name],
  ];
  if (averages(checkpoint) !== (average !== undefined)) {
    throw new CheckpointError(
      averages(checkpoint)
        ? 'The checkpoint holds a running average of the parameters; go on with average: { params: shareTree(params), decay }, which is given its values.'
        : 'The checkpoint holds no running average of the parameters; go on without average, or start one from its parameters: loadInto(params, checkpoint, { prefix: "params." }).',
    );
  }
  const different = compared.filter(([, stored, given]) => stored !== given);
  if (different.length > 0) {
    throw new CheckpointError(
      `The checkpoint is of another run: ${different.map(([what, stored, given]) => `${what} was ${stored.slice(0, 100)} and is now ${given}`).join('; ')}. ` +
        'Go on with the same settings, or start anew from its parameters: loadInto(params, checkpoint, { prefix: "params." }).',
    );
  }
  const { index } = state.position;
  if (index > (data.stretches ?? Infinity)) {
    throw new CheckpointError(
      `The checkpoint is of a run on other data: it stands at stretch ${index}, and the data has ${data.stretches}. ` +
        'Give the same data with the same batch and steps.',
    );
  }
  const fingerprint = fingerprintIn(data);
  if (fingerprint !== null && fingerprint !== (state.data ?? fingerprint)) {
    throw new CheckpointError(
      'The checkpoint is of a run on other data, or on the same cut or shuffled otherwise. Give the same data with the same batch and options, or start ' +
        'anew from its parameters: loadInto(params, checkpoint, { prefix: "params." }). To go on with these data all the same, ' +
        'leave the comparison out: data: { ...data, fingerprint: null }.',
    );
  }
  checkRun(state);
}

/** Whether a checkpoint has a running average. */
function averages({ tensors }: Checkpoint): boolean {
  return [...tensors.keys()].some((name) => name.startsWith('average.'));
}

function stepsOf(value: number | null): string {
  return value === null || value === Infinity ? 'all' : String(value);
}

/** Holds numbers of a run under way to one another. */
function checkRun({ run, sequence, position }: RunState): void {
  if (run === null) {
    if (position.offset > 0)
      throw damagedAt('position.offset', `${position.offset} steps are done of a sequence that was not begun`);
    return;
  }
  if (sequence === 0) throw damagedAt('sequence', 'a sequence is under way, but none was begun');
}

/**
 * A run as it was when the checkpoint was taken. Nothing is changed before all of it is known to fit: `params` get their values of
 * then, in place, when the run accepts the first stretch of the data, or ends.
 * @throws SafetensorsError, CheckpointError when something does not fit; then nothing was changed.
 */
export function restoreRun<P, C, S, O>(
  options: FitOptions<P, C, S, O>,
  stopping: EarlyStopping<P> | null,
  checkpoint: Checkpoint,
): TrainingRun<P, C, S, O> {
  const { params, optimiser, task, strategy, average } = options;
  const { backend } = madeLike(params);
  const state = readRunState(checkpoint);
  return scope(() => {
    const values = restored(
      params,
      checkpoint,
      'params.',
      'the model, or its settings, are others now than when it was taken',
    );
    const moments = restored(
      optimiser.init(params).moments,
      checkpoint,
      'optimiser.',
      'the settings of the optimiser are others now than when it was taken',
    );
    const source: TreeSource = { file: checkpoint, backend, used: new Set() };
    const snapshot = state.run && snapshotOf(state.run.snapshot, source);
    if (snapshot !== null) {
      const initialCarry = initialCarryOf(task, values, snapshot);
      checkSnapshot(snapshot, { params, initialCarry, updateEvery: strategy.updateEvery });
      for (const kept of keptSteps(snapshot)) tryStep(task, values, kept);
    }
    requireUsed(source);
    const following = average && storedValues(average.params, checkpoint, { prefix: 'average.' });
    const best = state.stopping && stopping && storedValues(stopping.params, checkpoint, { prefix: 'best.' });
    const optimiserState = { step: state.optimiser.step, moments };
    const run = startRun(options, stopping, { state, optimiserState, snapshot });
    keep(moments);
    if (state.stopping && stopping && best) stopping.resume(state.stopping, best);
    stopping?.begin(values, options.evaluate !== undefined);
    const followed = average && following ? [{ tree: average.params, values: following }] : [];
    run.stage(stageParams(options, [{ tree: params, values }, ...followed], snapshot));
    if (state.plateau) optimiser.learningRate.watch?.restore(state.plateau);
    return run;
  });
}

/** A tree with its values in the checkpoint. @throws SafetensorsError that says what most likely differs. */
function restored<T>(tree: T, checkpoint: Checkpoint, prefix: string, differs: string): T {
  const misfit = tensorMisfit(treeEntries(tree), checkpoint, { prefix });
  if (misfit === null) return storedValues(tree, checkpoint, { prefix });
  throw new SafetensorsError(
    `The checkpoint cannot be gone on from: ${differs}, or it is damaged. ${misfit} Train with those of then, or start anew from its parameters: loadInto(params, checkpoint, { prefix: "params." }).`,
  );
}

/** Steps that a snapshot holds, each with the carry before it. */
function keptSteps({ position, carry, pending, pieces }: RunSnapshot): Parameters<typeof tryStep>[2][] {
  const kept = pieces.map((piece, index) => ({ ...piece, path: `run.pieces.${index}`, at: 0 }));
  return pending === null ? kept : [...kept, { path: 'run.pending', from: position, carry, stretch: pending, at: 0 }];
}

/** The carry that the stored sequence would start with; undefined where no stretch of it is stored. */
function initialCarryOf<P, C, S, O>(
  task: TrainableTask<P, C, S, O>,
  params: P,
  { pending, pieces }: RunSnapshot,
): C | undefined {
  const [path, stretch] = pending === null ? ['run.pieces', pieces.at(-1)?.stretch] : ['run.pending', pending];
  if (stretch === undefined) return undefined;
  try {
    return task.initialCarry(params, stretch as S);
  } catch (cause) {
    throw damagedAt(path, `there is a stretch that the task cannot start with (${(cause as Error).message})`, cause);
  }
}

function startRun<P, C, S, O>(
  options: FitOptions<P, C, S, O>,
  stopping: EarlyStopping<P> | null,
  resumed: Resumed<P>,
): TrainingRun<P, C, S, O> {
  try {
    return new TrainingRun(options, stopping, resumed);
  } catch (cause) {
    throw damagedAt('run', `there is what the strategy cannot go on from (${(cause as Error).message})`, cause);
  }
}

/** What the names of tensors begin with that are in trees like the parameters. */
const trees = ['params.', 'optimiser.', 'average.', 'best.'];

/** A tensor that belongs to the run, and that no tree of it has, says that a tree was damaged. */
function requireUsed({ file, used }: TreeSource): void {
  for (const name of file.tensors.keys()) {
    if (!used.has(name) && !trees.some((tree) => name.startsWith(tree)))
      throw damagedAt(name, 'there is a tensor that nothing refers to');
  }
}

function snapshotOf(
  { position, carry, pending, pieces, state }: NonNullable<RunState['run']>['snapshot'],
  source: TreeSource,
): RunSnapshot {
  return {
    position,
    carry: restoreTree(carry, 'run.carry', source),
    pending: restoreTree(pending, 'run.pending', source),
    pieces: pieces.map((piece, index) => ({
      from: piece.from,
      params: restoreTree(piece.params, `run.pieces.${index}.params`, source),
      carry: restoreTree(piece.carry, `run.pieces.${index}.carry`, source),
      stretch: restoreTree(piece.stretch, `run.pieces.${index}.stretch`, source),
    })),
    ...(state === undefined ? {} : { state: restoreTree(state, 'run.state', source, true) }),
  };
}
