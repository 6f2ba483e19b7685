import {
  ArgumentError,
  disposeTree,
  foldIn,
  keep,
  key as keyOf,
  scope,
  shareTree,
  timeOf,
  Tensor,
  type Key,
  type RunSnapshot,
  type StrategyRun,
  type Update,
} from '@tempograd/core';
import { DataError, type DataStretch } from '../data/index.js';
import type { OptimiserState } from '../optim/index.js';
import type { RunState } from './checkpoint/RunState.js';
import { tensorsIn } from './checkpoint/treeJson.js';
import type { StagedParams } from './checkpoint/stageParams.js';
import { divergence, type FailedUpdate, type LastGood } from './DivergenceError.js';
import type { FitOptions, TrainingStep } from './FitOptions.js';
import { HeldStretches, sliceSteps } from './HeldStretches.js';
import { enqueueUpdate, type ReadUpdate } from './enqueueUpdate.js';
import { chooseNormaliser } from './chooseNormaliser.js';
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
   * Waits for its loss and norm; null where no loss counted in it, and it has changed nothing.
   * @throws DivergenceError when they are not finite; then it has changed nothing either.
   */
  settle(): Promise<TakenStep | null>;
  /** Resolves, or rejects, when `settle` will do so at once. */
  readonly answer: Promise<unknown>;
  /** Lets go of what it holds, when nobody wants to know. */
  dispose(): void;
}

/** Where a run stood before it went ahead of the update that is awaited. */
interface Standing {
  readonly sequences: number;
  readonly position: TrainingPosition;
  readonly sequence: Sequence | null;
}

interface Sequence {
  readonly items: number | null;
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
  /** Losses of the sequence under way; null where the source does not tell them, undefined where it was not asked yet. */
  #items: number | null | undefined = undefined;
  /** Whether the sequence under way has had no update before the one at hand. */
  #first = true;
  /** Updates without items since the latest with some. */
  #skipped = 0;
  #learntIn = -1;
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
    this.#skipped = state.skipped ?? 0;
    const { epoch, index, offset } = state.position;
    this.#learntIn = index > 0 || offset > 0 ? epoch : epoch - 1;
    if (state.run === null || snapshot === null) return;
    this.#items = state.run.items;
    this.#run = this.#start(snapshot);
    if (snapshot.pending !== null) this.#held.add(snapshot.pending as S, snapshot.position);
  }

  /** The latest epoch in which an update had items, as far as known, or may have had before the run was resumed in it. */
  get learntIn(): number {
    return this.#learntIn;
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
    const { strategy, optimiser } = this.#options;
    const finite = (steps: number): number | null => (steps === Infinity ? null : steps);
    return {
      version: 1,
      update: this.#update,
      skipped: this.#skipped,
      sequence: this.#standing?.sequences ?? this.#sequence,
      position: this.#standing?.position ?? this.#position,
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
    return { items: this.#items ?? null, snapshot: this.#run.snapshot() };
  }

  /** What the run shows until its next update is enqueued is where it stands now, also while it prepares that update. */
  stand(): void {
    this.#standing ??= { sequences: this.#sequence, position: this.#position, sequence: this.snapshot() };
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
  advance({ stretch, ends, items }: DataStretch<S>): PreparedUpdate<P> | null {
    this.accept(stretch);
    const { epoch, index, offset } = this.#position;
    const time = timeOf(stretch, 'tensors of a stretch');
    this.#run ??= this.#begin();
    this.#tell(items ?? null);
    const to = Math.min(time, offset + this.#options.strategy.updateEvery - this.#held.steps);
    const part = sliceSteps(stretch, offset, to);
    this.#position = to === time ? { epoch, index: index + 1, offset: 0 } : { epoch, index, offset: to };
    this.#ending = ends && to === time;
    let prepared: PreparedUpdate<P> | null;
    try {
      this.#held.add(part, this.#run.position + this.#held.steps);
      this.#first = this.#run.position === 0;
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
    this.#first = this.#run.position === 0;
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

  #begin(): StrategyRun<P, C, S> {
    this.#sequence++;
    this.#items = undefined;
    return this.#start();
  }

  /** What the source says of the losses of the sequence under way. @throws DataError where it makes no sense. */
  #tell(items: number | null): void {
    if (items === this.#items) return;
    if (items !== null && !(items >= 0 && Number.isFinite(items)))
      throw new DataError(
        `fit: items of a stretch are the losses of its whole sequence, a finite number ≥ 0, but are ${items}.`,
      );
    if (this.#items !== undefined) {
      throw new DataError(
        `fit: items of a stretch are the losses of the WHOLE sequence that it belongs to, but one says ${items ?? 'nothing'}, and one ` +
          `before it said ${this.#items ?? 'nothing'}. Say the same in every stretch of a sequence, or leave items out.`,
      );
    }
    this.#items = items;
  }

  #start(snapshot?: RunSnapshot): StrategyRun<P, C, S> {
    const { strategy, task } = this.#options;
    const key = foldIn(this.key, this.#sequence);
    return strategy.start(task, snapshot === undefined ? { key } : { key, snapshot });
  }

  /** Enqueues an update that `advance` or `endSequence` prepared. */
  async enqueue({ update, updates }: PreparedUpdate<P>): Promise<EnqueuedUpdate> {
    const { params, optimiser, clip = null, strategy, task, normaliser: given = null } = this.#options;
    const { lossSteps, droppedLosses } = update;
    const count = this.#held.count(lossSteps);
    const lossesPerItem = task.lossesPerStep ?? 1;
    const normaliser = chooseNormaliser(given, {
      strategy,
      lossSteps,
      stepLosses: lossesPerItem * this.#held.batch,
      items: typeof this.#items === 'number' ? lossesPerItem * this.#items : null,
      only: this.#first && this.#ending,
    });
    const learningRate = optimiser.learningRate(this.optimiserState.step);
    const state = this.optimiserState;
    const read = enqueueUpdate(update, { params, optimiser, state, clip, count, normaliser });
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
    // `settle` reports what went wrong; nobody may ask.
    read.catch(() => undefined);
    const dispose = (): void => disposeTree(failure.held);
    const settle = async (): Promise<TakenStep | null> => {
      try {
        const { loss, gradientNorm, items } = await read;
        if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
          state.step--;
          const { held, begins, ...told } = failure;
          const { data, carry, gradient } = held;
          const trees = { data, params, carry, gradient };
          const fault = await this.#faultOf(data, begins);
          throw await divergence({ ...told, fault, trees, loss, gradientNorm, lastGood: this.#lastGood });
        }
        if (items === 0) return this.#skip();
        const mean = loss / items;
        const skipped = this.#skipped;
        this.#skipped = 0;
        this.#learntIn = facts.epoch;
        this.#lastGood = { update: facts.update, loss: mean, gradientNorm };
        return { ...facts, loss: mean, items, normaliser: normaliser ?? items, gradientNorm, skipped };
      } finally {
        dispose();
      }
    };
    const last = this.#ending ? this.endSequence() : null;
    if (last === null) return { settle, answer: read, dispose };
    // The caller sees one update. Whether the first of the two counts as a step of the optimiser must be known before the other.
    const taken = await settle();
    const end = await this.enqueue(last);
    return { ...end, settle: async () => (await end.settle()) ?? taken };
  }

  /** An update had no items: it was none. */
  #skip(): null {
    this.#update--;
    this.optimiserState.step--;
    this.#skipped++;
    return null;
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

  /** What of the stretches of an update does not fit the task; `data` is one or a list. */
  async #faultOf(data: unknown, begins: readonly number[]): Promise<string | null> {
    const { task } = this.#options;
    const stretches = begins.length === 1 ? [data] : (data as readonly unknown[]);
    for (const [index, from] of begins.entries()) {
      const fault = (await task.faultOf?.(stretches[index] as S, from)) ?? null;
      if (fault !== null) return fault;
    }
    return null;
  }

  /** What an error would tell of an update, but for its numbers; `held` belongs to the caller. */
  #failure(update: Update<P>): Omit<FailedUpdate, keyof ReadUpdate | 'lastGood' | 'trees' | 'fault'> & Failure {
    const { from, to } = update.lossSteps;
    return {
      update: this.#update + 1,
      where: `epoch ${this.#position.epoch}, steps ${from} to ${to} of sequence ${this.#sequence}`,
      clipped: !!this.#options.clip,
      begins: this.#held.begins,
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
  /** The steps that the stretches in `data` begin at. */
  readonly begins: readonly number[];
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
