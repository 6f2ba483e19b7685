import {
  disposeTree,
  foldIn,
  keep,
  key as keyOf,
  scope,
  type Key,
  type RunSnapshot,
  type StrategyRun,
  type Update,
} from '@tempograd/core';
import type { OptimiserState } from '../optim/index.js';
import type { RunState } from './checkpoint/RunState.js';
import type { StagedParams } from './checkpoint/stageParams.js';
import { divergence, type LastGood } from './DivergenceError.js';
import type { FitOptions, TrainingStep } from './FitOptions.js';
import { HeldStretches, sliceSteps, timeOf } from './HeldStretches.js';
import { takeUpdate, type ReadUpdate } from './takeUpdate.js';
import { readLossWeight } from './TrainableTask.js';
import type { TrainingPosition } from './TrainingPosition.js';

/** A step without what is done between updates. */
export type TakenStep = Omit<TrainingStep, 'evaluation' | 'saved'>;

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

  /** All that is not tensors, without the run's snapshot. */
  get state(): Omit<RunState, 'run'> {
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
  snapshot(): { itemsPerStep: number; fullSteps: number | null; snapshot: RunSnapshot } | null {
    if (this.#run === null) return null;
    const fullSteps = this.#fullSteps === Infinity ? null : this.#fullSteps;
    return { itemsPerStep: this.#itemsPerStep, fullSteps, snapshot: this.#run.snapshot() };
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
   * Returns the update, if it came to one; with the last steps of a sequence, what was left is trained on too.
   */
  async advance(stretch: S, ends: boolean): Promise<TakenStep | null> {
    this.accept(stretch);
    const { epoch, index, offset } = this.#position;
    const time = timeOf(stretch);
    this.#run ??= await this.#begin(stretch, ends);
    const to = Math.min(time, offset + this.#options.strategy.updateEvery - this.#held.steps);
    const part = sliceSteps(stretch, offset, to);
    this.#position = to === time ? { epoch, index: index + 1, offset: 0 } : { epoch, index, offset: to };
    let step: TakenStep | null;
    try {
      this.#held.add(part, this.#run.position + this.#held.steps);
      step = await this.#take(this.#run.push(this.#options.params, part));
    } finally {
      disposeTree(part);
    }
    return ends && to === time ? ((await this.endSequence()) ?? step) : step;
  }

  /** Trains on what is left of the sequence under way; the next stretch starts another. */
  async endSequence(): Promise<TakenStep | null> {
    this.accept(null);
    if (this.#run === null) return null;
    const step = await this.#take(this.#run.finish(this.#options.params));
    this.#endRun();
    return step;
  }

  /** The data goes on with its next epoch. */
  endEpoch(): void {
    this.#position = { epoch: this.#position.epoch + 1, index: 0, offset: 0 };
  }

  dispose(): void {
    this.#endRun();
    this.#staged?.dispose();
    this.#staged = null;
    disposeTree(this.optimiserState.moments);
  }

  #endRun(): void {
    this.#run?.dispose();
    this.#run = null;
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

  async #take(updates: Generator<Update<P>, void, void>): Promise<TakenStep | null> {
    let taken: TakenStep | null = null;
    for (const update of updates) {
      taken = await this.#takeOne(update);
      this.#held.clear();
    }
    return taken;
  }

  async #takeOne(update: Update<P>): Promise<TakenStep> {
    const { params, optimiser, clip = null, strategy } = this.#options;
    const { lossSteps, droppedLosses } = update;
    const { epoch } = this.#position;
    const learningRate = optimiser.learningRate(this.optimiserState.step);
    const counted = this.#held.count(lossSteps);
    // A strategy that drops losses counts the same steps at every update.
    const fullSteps = strategy.drops === null ? this.#fullSteps : lossSteps.to - lossSteps.from;
    const fullItems = fullSteps === Infinity ? await counted : this.#itemsPerStep * fullSteps;
    const { loss, gradientNorm, items } = await takeUpdate(update, {
      params,
      optimiser,
      state: this.optimiserState,
      clip,
      factor: fullItems === 0 ? 0 : 1 / fullItems,
      items: counted,
      refuse: async (read) => {
        throw await divergence(this.#failed(update, read));
      },
    });
    const mean = items === 0 ? 0 : loss / items;
    this.#update++;
    this.#lastGood = { update: this.#update, loss: mean, gradientNorm };
    return {
      update: this.#update,
      epoch,
      loss: mean,
      items,
      lossSteps,
      droppedLosses,
      gradientNorm,
      learningRate,
      position: this.#position,
      peakBytes: update.loss.backend.memory().peakBytes,
    };
  }

  #failed(update: Update<P>, { loss, gradientNorm }: ReadUpdate): Parameters<typeof divergence>[0] {
    const { from, to } = update.lossSteps;
    return {
      update: this.#update + 1,
      where: `epoch ${this.#position.epoch}, steps ${from} to ${to} of sequence ${this.#sequence}`,
      loss,
      gradientNorm,
      lastGood: this.#lastGood,
      clipped: !!this.#options.clip,
      trees: {
        data: this.#held.stretches,
        params: this.#options.params,
        carry: this.#run?.carry ?? null,
        gradient: update.gradient,
      },
    };
  }
}
