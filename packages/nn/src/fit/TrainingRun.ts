import {
  ArgumentError,
  disposeTree,
  foldIn,
  keep,
  key as keyOf,
  scope,
  shareTree,
  Tensor,
  type Key,
  type RunSnapshot,
  type StrategyRun,
  type Update,
} from '@tempograd/core';
import type { OptimiserState } from '../optim/index.js';
import type { RunState } from './checkpoint/RunState.js';
import { tensorsIn } from './checkpoint/treeJson.js';
import type { StagedParams } from './checkpoint/stageParams.js';
import { divergence, type FailedUpdate, type LastGood } from './DivergenceError.js';
import type { FitOptions, TrainingStep } from './FitOptions.js';
import { HeldStretches, sliceSteps, timeOf } from './HeldStretches.js';
import { enqueueUpdate, type ReadUpdate } from './enqueueUpdate.js';
import { readLossWeight } from './TrainableTask.js';
import type { TrainingPosition } from './TrainingPosition.js';

/** A step without what is done between updates. */
export type TakenStep = Omit<TrainingStep, 'evaluation' | 'saved'>;

/** A gradient that is there, or on its way, and that nothing has been done with. */
export interface PreparedUpdate<P> {
  readonly update: Update<P>;
  /** Ends the update when it goes on. */
  readonly updates: Generator<Update<P>, void, void>;
}

/** An update that was enqueued whole. */
export interface EnqueuedUpdate {
  /**
   * Waits for its loss and norm.
   * @throws DivergenceError when they are not finite; then it has changed nothing.
   */
  settle(): Promise<TakenStep>;
  /** Resolves, or rejects, when `settle` will do so at once. */
  readonly answer: Promise<unknown>;
  /** Lets go of what it holds, when nobody wants to know. */
  dispose(): void;
}

/** Where a run stood before it went ahead of the update that is awaited. */
interface Standing {
  readonly state: Omit<RunState, 'run'>;
  readonly sequence: Sequence | null;
}

interface Sequence {
  readonly itemsPerStep: number;
  readonly fullSteps: number | null;
  readonly snapshot: RunSnapshot;
}

/** What a run may start from beside the beginning. */
export interface Resumed<P> {
  readonly state: RunState;
  readonly optimiserState: OptimiserState<P>;
  /** Borrowed. */
  readonly snapshot: RunSnapshot | null;
}

/** A training run between its updates: the optimiser's state, the strategy's run over the sequence under way, counters. */
export class TrainingRun<P, C, S, O> {
  readonly optimiserState: OptimiserState<P>;
  readonly key: Key;
  #options: FitOptions<P, C, S, O>;
  #update = 0;
  #sequence = 0;
  #position: TrainingPosition = { epoch: 0, index: 0, offset: 0 };
  #run: StrategyRun<P, C, S> | null = null;
  #held: HeldStretches<P, C, S, O>;
  #itemsPerStep = 0;
  #fullSteps = Infinity;
  #lastGood: LastGood | null = null;
  #staged: StagedParams<S> | null = null;
  /** Whether the sequence under way has been given whole. */
  #ending = false;
  #standing: Standing | null = null;
  #prepared: PreparedUpdate<P> | null = null;

  constructor(options: FitOptions<P, C, S, O>, resumed: Resumed<P> | null) {
    this.#options = options;
    this.#held = new HeldStretches(options.task);
    this.key = resumed?.state.key ?? options.key ?? keyOf(0);
    this.optimiserState = resumed?.optimiserState ?? scope(() => keep(options.optimiser.init(options.params)));
    if (resumed === null) return;
    const { state, snapshot } = resumed;
    this.#update = state.update;
    this.#sequence = state.sequence;
    this.#position = state.position;
    if (state.run === null || snapshot === null) return;
    this.#itemsPerStep = state.run.itemsPerStep;
    this.#fullSteps = state.run.fullSteps ?? Infinity;
    this.#run = this.#start(snapshot);
    if (snapshot.pending !== null) this.#held.add(snapshot.pending as S, snapshot.position);
  }

  /** Updates taken. */
  get update(): number {
    return this.#update;
  }

  get position(): TrainingPosition {
    return this.#position;
  }

  /** The latest update that was taken in this run. */
  get lastGood(): LastGood | null {
    return this.#lastGood;
  }

  /** All that is not tensors, without the run's snapshot: after the latest update that was enqueued. */
  get state(): Omit<RunState, 'run'> {
    if (this.#standing !== null) return this.#standing.state;
    const { strategy, optimiser } = this.#options;
    const finite = (steps: number): number | null => (steps === Infinity ? null : steps);
    return {
      version: 1,
      update: this.#update,
      sequence: this.#sequence,
      position: this.#position,
      key: this.key,
      strategy: {
        name: strategy.name,
        updateEvery: finite(strategy.updateEvery),
        backwardSteps: finite(strategy.backwardSteps),
        drops: strategy.drops,
      },
      optimiser: { name: optimiser.name, step: this.optimiserState.step },
    };
  }

  /** The sequence under way; its snapshot belongs to the caller. */
  snapshot(): Sequence | null {
    if (this.#standing !== null) return shareAll(this.#standing.sequence);
    if (this.#run === null) return null;
    const fullSteps = this.#fullSteps === Infinity ? null : this.#fullSteps;
    return { itemsPerStep: this.#itemsPerStep, fullSteps, snapshot: this.#run.snapshot() };
  }

  /** What the run shows until its next update is enqueued is where it stands now, also while it prepares that update. */
  stand(): void {
    this.#standing ??= { state: this.state, sequence: this.snapshot() };
  }

  /** What the run shows is where it is, from now on. */
  goOn(): void {
    for (const tensor of tensorsIn(this.#standing?.sequence?.snapshot)) tensor.dispose();
    this.#standing = null;
  }

  /** What the parameters shall have before the run goes on; the run disposes of it. */
  stage(staged: StagedParams<S>): void {
    this.#staged = staged;
  }

  /** Gives the parameters what was staged, if the next stretch fits it; null where none comes. @throws CheckpointError */
  accept(stretch: S | null): void {
    this.#staged?.accept(stretch, this.#position.offset);
    this.#staged?.dispose();
    this.#staged = null;
  }

  /**
   * Takes as many steps of a stretch, from the position's offset on, as one update can use, and moves the position behind them.
   * Returns the update, if it came to one, for `enqueue`; with the last steps of a sequence, what was left makes one too.
   */
  async advance(stretch: S, ends: boolean): Promise<PreparedUpdate<P> | null> {
    this.accept(stretch);
    const { epoch, index, offset } = this.#position;
    const time = timeOf(stretch);
    this.#run ??= await this.#begin(stretch, ends);
    const to = Math.min(time, offset + this.#options.strategy.updateEvery - this.#held.steps);
    const part = sliceSteps(stretch, offset, to);
    this.#position = to === time ? { epoch, index: index + 1, offset: 0 } : { epoch, index, offset: to };
    this.#ending = ends && to === time;
    let prepared: PreparedUpdate<P> | null;
    try {
      this.#held.add(part, this.#run.position + this.#held.steps);
      prepared = this.#prepare(this.#run.push(this.#options.params, part));
    } finally {
      disposeTree(part);
    }
    return prepared === null && this.#ending ? this.endSequence() : prepared;
  }

  /** What is left of the sequence under way as an update, if it comes to one; the next stretch starts another sequence. */
  endSequence(): PreparedUpdate<P> | null {
    this.accept(null);
    if (this.#run === null) return null;
    this.#ending = true;
    const prepared = this.#prepare(this.#run.finish(this.#options.params));
    if (prepared === null) this.#endRun();
    return prepared;
  }

  /** The data goes on with its next epoch. */
  endEpoch(): void {
    this.#position = { epoch: this.#position.epoch + 1, index: 0, offset: 0 };
  }

  dispose(): void {
    this.goOn();
    this.#prepared?.updates.return();
    this.#endRun();
    this.#staged?.dispose();
    this.#staged = null;
    disposeTree(this.optimiserState.moments);
  }

  #endRun(): void {
    this.#run?.dispose();
    this.#run = null;
    this.#ending = false;
    this.#held.clear();
  }

  /** Starts a run, and finds how many losses a full update of its sequence has. */
  async #begin(stretch: S, ends: boolean): Promise<StrategyRun<P, C, S>> {
    const { task, strategy } = this.#options;
    const time = timeOf(stretch);
    this.#itemsPerStep = (await readLossWeight(task, stretch)) / time;
    this.#fullSteps = ends ? Math.min(strategy.updateEvery, time) : strategy.updateEvery;
    this.#sequence++;
    return this.#start();
  }

  #start(snapshot?: RunSnapshot): StrategyRun<P, C, S> {
    const { strategy, task } = this.#options;
    const key = foldIn(this.key, this.#sequence);
    return strategy.start(task, snapshot === undefined ? { key } : { key, snapshot });
  }

  /** Enqueues an update that `advance` or `endSequence` prepared. */
  async enqueue({ update, updates }: PreparedUpdate<P>): Promise<EnqueuedUpdate> {
    const { params, optimiser, clip = null, strategy } = this.#options;
    const { lossSteps, droppedLosses } = update;
    const counted = this.#held.count(lossSteps);
    // Nobody asks for it where enqueuing fails, too.
    counted.catch(() => undefined);
    // A strategy that drops losses counts the same steps at every update.
    const fullSteps = strategy.drops === null ? this.#fullSteps : lossSteps.to - lossSteps.from;
    const fullItems = fullSteps === Infinity ? await counted : this.#itemsPerStep * fullSteps;
    const learningRate = optimiser.learningRate(this.optimiserState.step);
    const factor = fullItems === 0 ? 0 : 1 / fullItems;
    const read = enqueueUpdate(update, { params, optimiser, state: this.optimiserState, clip, factor });
    const failure = this.#failure(update);
    const facts = {
      update: ++this.#update,
      epoch: this.#position.epoch,
      lossSteps,
      droppedLosses,
      learningRate,
      position: this.#position,
      peakBytes: update.loss.backend.memory().peakBytes,
    };
    this.goOn();
    this.#complete(updates);
    const both = Promise.all([read, counted]);
    // `settle` reports what went wrong; nobody may ask.
    both.catch(() => undefined);
    const dispose = (): void => disposeTree(failure.held);
    const settle = async (): Promise<TakenStep> => {
      try {
        const [{ loss, gradientNorm }, items] = await both;
        if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
          this.optimiserState.step--;
          const { held, ...told } = failure;
          const { data, carry, gradient } = held;
          const trees = { data, params, carry, gradient };
          throw await divergence({ ...told, trees, loss, gradientNorm, lastGood: this.#lastGood });
        }
        const mean = items === 0 ? 0 : loss / items;
        this.#lastGood = { update: facts.update, loss: mean, gradientNorm };
        return { ...facts, loss: mean, items, gradientNorm };
      } finally {
        dispose();
      }
    };
    const last = this.#ending ? this.endSequence() : null;
    const enqueued = { settle, answer: both, dispose };
    return last === null ? enqueued : inOneStep(enqueued, await this.enqueue(last));
  }

  /** Lets an update that was prepared go, untaken: the run shows where it stood, and does not go on. */
  discard({ updates }: PreparedUpdate<P>): void {
    updates.return();
  }

  #prepare(updates: Generator<Update<P>, void, void>): PreparedUpdate<P> | null {
    const next = updates.next();
    this.#prepared = next.done === true ? null : { update: next.value, updates };
    return this.#prepared;
  }

  /** Lets the strategy end an update. @throws ArgumentError when it has another already. */
  #complete(updates: Generator<Update<P>, void, void>): void {
    this.#prepared = null;
    this.#held.clear();
    if (updates.next().done === true) return;
    const { name, updateEvery } = this.#options.strategy;
    updates.return();
    throw new ArgumentError(
      `fit: the strategy ${name} gave two updates for no more than updateEvery, ${updateEvery}, steps; its updateEvery must be the steps between two of its updates.`,
    );
  }

  /** What an error would tell of an update, but for its numbers; `held` belongs to the caller. */
  #failure(update: Update<P>): Omit<FailedUpdate, keyof ReadUpdate | 'lastGood' | 'trees'> & Failure {
    const { from, to } = update.lossSteps;
    return {
      update: this.#update + 1,
      where: `epoch ${this.#position.epoch}, steps ${from} to ${to} of sequence ${this.#sequence}`,
      clipped: !!this.#options.clip,
      held: {
        data: shareTree(this.#held.stretches),
        carry: shareTree((this.#run?.carry ?? null) as unknown),
        gradient: shareTree(update.gradient as unknown),
      },
    };
  }
}

/** Trees of an update that may have failed, in the order in which their numbers were computed. */
interface Failure {
  readonly held: Readonly<Record<'data' | 'carry' | 'gradient', unknown>>;
}

/** Two updates that the caller sees as one: that of a sequence's last full interval, and that of its end. */
function inOneStep(first: EnqueuedUpdate, last: EnqueuedUpdate): EnqueuedUpdate {
  return {
    answer: last.answer,
    async settle() {
      await first.settle();
      return last.settle();
    },
    dispose() {
      first.dispose();
      last.dispose();
    },
  };
}

/** The same with tensors on storage shared, whatever else is in it. */
function shareAll<T>(tree: T): T {
  const visit = (node: unknown): unknown => {
    if (node instanceof Tensor) return shareTree(node);
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, visit(child)]));
  };
  return visit(tree) as T;
}
