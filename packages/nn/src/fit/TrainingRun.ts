import {
  disposeTree,
  keep,
  key as keyOf,
  scope,
  shareTree,
  Tensor,
  timeOf,
  type Key,
  type RunSnapshot,
} from '@tempograd/core';
import { fingerprintIn } from '../data/fingerprint.js';
import type { DataStretch } from '../data/index.js';
import type { OptimiserState } from '../optim/index.js';
import type { RunState } from './checkpoint/RunState.js';
import type { StagedParams } from './checkpoint/stageParams.js';
import { tensorsIn } from './checkpoint/treeJson.js';
import { Counters } from './Counters.js';
import type { EarlyStopping } from './EarlyStopping.js';
import type { EnqueuedUpdate } from './EnqueuedUpdate.js';
import type { FitOptions } from './FitOptions.js';
import { alone, GradientSum, type StepGradient } from './GradientSum.js';
import { HealthWatch } from './health/HealthWatch.js';
import { sliceSteps } from './HeldStretches.js';
import { SequenceRun, type PreparedUpdate, type SequenceState } from './SequenceRun.js';
import { takeStep } from './takeStep.js';
import type { TrainingPosition } from './TrainingPosition.js';

/** Where a run stood before it went ahead of the update that is awaited. */
interface Standing {
  readonly sequences: number;
  readonly position: TrainingPosition;
  readonly sequence: SequenceState | null;
}

/** What a run may start from beside the beginning. */
export interface Resumed<P> {
  readonly state: RunState;
  readonly optimiserState: OptimiserState<P>;
  /** Borrowed. */
  readonly snapshot: RunSnapshot | null;
}

/** A training run between its updates: the optimiser's state, the sequence under way, counters. */
export class TrainingRun<P, C, S, O> {
  readonly optimiserState: OptimiserState<P>;
  readonly key: Key;
  readonly counters: Counters;
  readonly stopping: EarlyStopping<P> | null;
  #options: FitOptions<P, C, S, O>;
  #health: HealthWatch<P, C, S, O> | null;
  #sequences = 0;
  #position: TrainingPosition = { epoch: 0, index: 0, offset: 0 };
  #sequence: SequenceRun<P, C, S, O> | null = null;
  #sum = new GradientSum<P>();
  /** That of the update enqueued last. */
  #epoch = 0;
  #staged: StagedParams<S> | null = null;
  #standing: Standing | null = null;

  constructor(options: FitOptions<P, C, S, O>, stopping: EarlyStopping<P> | null, resumed: Resumed<P> | null) {
    this.#options = options;
    this.stopping = stopping;
    this.key = resumed?.state.key ?? options.key ?? keyOf(0);
    this.optimiserState = resumed?.optimiserState ?? scope(() => keep(options.optimiser.init(options.params)));
    this.counters = new Counters(this.optimiserState, resumed?.state ?? null);
    const { health } = options;
    this.#health = health === undefined ? null : new HealthWatch(options, health, this.counters);
    if (resumed === null) return;
    const { state, snapshot } = resumed;
    this.#sequences = state.sequence;
    this.#position = state.position;
    if (state.run === null || snapshot === null) return;
    this.#sequence = new SequenceRun(
      options,
      state.sequence,
      this.key,
      { items: state.run.items, snapshot },
      this.#health,
    );
  }

  /** Updates taken. */
  get update(): number {
    return this.counters.update;
  }

  get position(): TrainingPosition {
    return this.#position;
  }

  /** All that is not tensors, without the sequence's snapshot: after the latest update that was enqueued. */
  get state(): Omit<RunState, 'run'> {
    const { strategy, optimiser, data } = this.#options;
    const finite = (steps: number): number | null => (steps === Infinity ? null : steps);
    return {
      version: 1,
      update: this.update,
      skipped: this.counters.skipped,
      sequence: this.#standing?.sequences ?? this.#sequences,
      position: this.#standing?.position ?? this.#position,
      key: this.key,
      strategy: {
        name: strategy.name,
        updateEvery: finite(strategy.updateEvery),
        backwardSteps: finite(strategy.backwardSteps),
        drops: strategy.drops,
      },
      optimiser: { name: optimiser.name, step: this.optimiserState.step },
      data: fingerprintIn(data),
      plateau: optimiser.learningRate.watch?.state() ?? null,
      stopping: this.stopping?.state ?? null,
    };
  }

  /** The sequence under way; its snapshot belongs to the caller. */
  snapshot(): SequenceState | null {
    if (this.#standing !== null) return shareAll(this.#standing.sequence);
    return this.#sequence?.state() ?? null;
  }

  /** What the run shows until its next update is enqueued is where it stands now, also while it prepares that update. */
  stand(): void {
    this.#standing ??= { sequences: this.#sequences, position: this.#position, sequence: this.snapshot() };
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
    this.#standWhileSumming();
    const { epoch, index, offset } = this.#position;
    const time = timeOf(stretch, 'tensors of a stretch');
    this.#sequence ??= new SequenceRun(this.#options, ++this.#sequences, this.key, null, this.#health);
    this.#sequence.tell(items ?? null);
    const to = Math.min(time, offset + this.#sequence.room);
    const part = sliceSteps(stretch, offset, to);
    this.#position = to === time ? { epoch, index: index + 1, offset: 0 } : { epoch, index, offset: to };
    try {
      return this.#orEnd(this.#sequence.push(part, ends && to === time));
    } finally {
      disposeTree(part);
    }
  }

  /** What is left of the sequence under way as an update, if it comes to one; the next stretch starts another sequence. */
  endSequence(): PreparedUpdate<P> | null {
    this.accept(null);
    this.#standWhileSumming();
    return this.#orEnd(this.#sequence?.finish() ?? null);
  }

  /** The data goes on with its next epoch. */
  endEpoch(): void {
    this.#position = { epoch: this.#position.epoch + 1, index: 0, offset: 0 };
  }

  /** Enqueues an update that `advance` or `endSequence` prepared; null where it only adds to the gradient of a later one. */
  async enqueue(prepared: PreparedUpdate<P>): Promise<EnqueuedUpdate<P> | null> {
    const enqueued = this.enqueueOne(prepared);
    const last = this.#sequence?.isEnding === true ? this.#orEnd(this.#sequence.finish()) : null;
    if (last === null) return enqueued;
    // The caller sees one update. Whether the first of the two counts as a step of the optimiser must be known before the other.
    const taken = (await enqueued?.settle()) ?? null;
    const end = await this.enqueue(last);
    return end?.orElse(taken) ?? enqueued;
  }

  /** As `enqueue`, at once, without what an ending sequence has left beyond it. */
  enqueueOne(prepared: PreparedUpdate<P>): EnqueuedUpdate<P> | null {
    const { accumulate = 1 } = this.#options;
    const sequence = this.#sequence as SequenceRun<P, C, S, O>;
    this.#epoch = this.#position.epoch;
    const part = sequence.partOf(prepared);
    let enqueued: EnqueuedUpdate<P> | null = null;
    if (accumulate === 1) enqueued = this.#step(alone(part), sequence);
    else {
      this.#sum.add(part);
      if (this.#sum.parts >= accumulate) enqueued = this.#stepBySum(sequence);
    }
    sequence.complete();
    return enqueued;
  }

  /** Takes a step by the gradients that no step was taken by yet; null where there are none. */
  flush(): EnqueuedUpdate<P> | null {
    return this.#sum.parts === 0 ? null : this.#stepBySum(null);
  }

  /** Lets an update that was prepared go, untaken: the run shows where it stood, and does not go on. */
  discard(): void {
    this.#sequence?.discard();
  }

  dispose(): void {
    this.goOn();
    this.#sum.dispose();
    this.#endSequence();
    this.#health?.dispose();
    this.#staged?.dispose();
    this.#staged = null;
    this.stopping?.dispose();
    disposeTree(this.optimiserState.moments);
  }

  /** While gradients add up, the run shows where it stood before the first of them, from where all of them can be had again. */
  #standWhileSumming(): void {
    if ((this.#options.accumulate ?? 1) > 1 && this.#sum.parts === 0) this.stand();
  }

  #orEnd(prepared: PreparedUpdate<P> | null): PreparedUpdate<P> | null {
    if (prepared === null && this.#sequence?.isEnding === true) this.#endSequence();
    return prepared;
  }

  #endSequence(): void {
    this.#sequence?.dispose();
    this.#sequence = null;
  }

  #stepBySum(sequence: SequenceRun<P, C, S, O> | null): EnqueuedUpdate<P> {
    const sum = this.#sum.take() as StepGradient<P>;
    const { normaliser } = this.#options;
    if (normaliser === undefined) return this.#ownStep(sum, sequence);
    if (sum.normaliser instanceof Tensor && sum.normaliser !== sum.count) sum.normaliser.dispose();
    return this.#ownStep({ ...sum, normaliser }, sequence);
  }

  /** Takes a step by a gradient that belongs to it. */
  #ownStep(step: StepGradient<P>, sequence: SequenceRun<P, C, S, O> | null): EnqueuedUpdate<P> {
    try {
      return this.#step(step, sequence);
    } finally {
      disposeTree([step.update.gradient, step.update.loss]);
    }
  }

  #step(step: StepGradient<P>, sequence: SequenceRun<P, C, S, O> | null): EnqueuedUpdate<P> {
    const { optimiserState, counters, key } = this;
    const enqueued = takeStep(this.#options, step, {
      optimiserState,
      counters,
      key,
      epoch: this.#epoch,
      position: this.#position,
      sequence: sequence?.number ?? this.#sequences,
      health: this.#health,
      trees: sequence?.shareTrees() ?? { data: [], carry: null, begins: [] },
    });
    this.goOn();
    return enqueued;
  }
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
