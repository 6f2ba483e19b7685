import {
  ArgumentError,
  disposeTree,
  foldIn,
  foldInName,
  shareTree,
  type Key,
  type RunSnapshot,
  type StrategyRun,
  type Tensor,
  type Update,
} from '@tempograd/core';
import { DataError } from '../data/index.js';
import { chooseNormaliser } from './chooseNormaliser.js';
import type { FitOptions } from './FitOptions.js';
import type { HealthWatch } from './health/HealthWatch.js';
import { HeldStretches } from './HeldStretches.js';
import { noisy } from './noisy.js';

/** A gradient that is there, or on its way, and that nothing has been done with. */
export interface PreparedUpdate<P> {
  readonly update: Update<P>;
  /** Ends the update when it goes on. */
  readonly updates: Generator<Update<P>, void, void>;
}

/** The gradient of an update, borrowed from the strategy, what it was made of, and what belongs to its mean. */
export interface UpdatePart<P> {
  readonly update: Update<P>;
  /** How many losses `loss` sums; a tensor belongs to whoever asked. */
  readonly count: Tensor | number;
  /** Divides the gradient; null for the count. */
  readonly normaliser: number | null;
  /** The sequence, counted from 1, whose losses the normaliser is; null where it is something else. */
  readonly wholeOf: number | null;
}

/** Where a sequence under way stands. */
export interface SequenceState {
  /** Its losses, where the source told them. */
  readonly items: number | null;
  readonly snapshot: RunSnapshot;
}

/** What an error of an update would be told of; the trees belong to whoever has it. */
export interface FailureTrees {
  /** The stretch that the update is made of, or a list of them. */
  readonly data: unknown;
  /** The steps of the sequence that they begin at. */
  readonly begins: readonly number[];
  readonly carry: unknown;
}

/** A sequence under way: the strategy's run over it, the steps it has not trained on, and what divides its gradients. */
export class SequenceRun<P, C, S, O> {
  readonly number: number;
  #options: FitOptions<P, C, S, O>;
  #key: Key;
  #run: StrategyRun<P, C, S>;
  #held: HeldStretches<P, C, S, O>;
  #health: HealthWatch<P, C, S, O> | null;
  /** Null where the source does not tell them, undefined where it was not asked yet. */
  #items: number | null | undefined;
  /** Whether there was no update before the one at hand. */
  #first = true;
  #ending = false;
  #prepared: PreparedUpdate<P> | null = null;
  /** The parameters with noise, where the update at hand has some. */
  #noisy: P | null = null;

  /** The sequence of that number in a run of that key, from its beginning or from where it stood; what is given is borrowed. */
  constructor(
    options: FitOptions<P, C, S, O>,
    number: number,
    runKey: Key,
    resumed: { readonly items: number | null | undefined; readonly snapshot: RunSnapshot } | null,
    health: HealthWatch<P, C, S, O> | null,
  ) {
    this.#health = health;
    this.number = number;
    this.#options = options;
    this.#held = new HeldStretches(options.task);
    this.#key = foldIn(runKey, number);
    const key = this.#key;
    this.#run = options.strategy.start(options.task, resumed === null ? { key } : { key, snapshot: resumed.snapshot });
    if (resumed === null) return;
    this.#items = resumed.items;
    const { pending, position } = resumed.snapshot;
    if (pending !== null) this.#held.add(pending as S, position);
  }

  /** Steps that the next update has room for. */
  get room(): number {
    return this.#options.strategy.updateEvery - this.#held.steps;
  }

  /** Whether it was given whole. */
  get isEnding(): boolean {
    return this.#ending;
  }

  /** What the source says of its losses. @throws DataError where that makes no sense. */
  tell(items: number | null): void {
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

  /** Gives it steps, no more than it has room for; `ends` says that they are the last. Returns the update, if it came to one. */
  push(part: S, ends: boolean): PreparedUpdate<P> | null {
    this.#ending = ends;
    this.#held.add(part, this.#run.position + this.#held.steps);
    const prepared = this.#prepare((params) => this.#run.push(params, part));
    return prepared === null && ends ? this.finish() : prepared;
  }

  /** What is left as an update, if it comes to one. */
  finish(): PreparedUpdate<P> | null {
    this.#ending = true;
    return this.#prepare((params) => this.#run.finish(params));
  }

  #prepare(begin: (params: P) => Generator<Update<P>, void, void>): PreparedUpdate<P> | null {
    const { params, weightNoise = 0 } = this.#options;
    const { position } = this.#run;
    this.#first = position === 0;
    this.#forgetNoise();
    // The same for all stretches that one update is made of.
    if (weightNoise > 0) this.#noisy = noisy(params, weightNoise, foldIn(foldInName(this.#key, 'weights'), position));
    const updates = begin(this.#noisy ?? params);
    const next =
      this.#health === null || this.#held.steps === 0
        ? updates.next()
        : this.#health.see(this.#noisy ?? params, { ...this.#held.whole, carry: this.#run.carry }, () =>
            updates.next(),
          );
    this.#prepared = next.done === true ? null : { update: next.value, updates };
    return this.#prepared;
  }

  /** What an update that was prepared is made of. */
  partOf({ update }: PreparedUpdate<P>): UpdatePart<P> {
    const { task, strategy, normaliser: given = null } = this.#options;
    const { lossSteps } = update;
    const lossesPerItem = task.lossesPerStep ?? 1;
    const told = typeof this.#items === 'number';
    const normaliser = chooseNormaliser(given, {
      strategy,
      lossSteps,
      stepLosses: lossesPerItem * this.#held.batch,
      items: told ? lossesPerItem * (this.#items as number) : null,
      only: this.#first && this.#ending,
    });
    const count = this.#held.count(lossSteps);
    const wholeOf = told && given === null ? this.number : null;
    return { update, count, normaliser, wholeOf };
  }

  /** Lets the strategy end the update that was prepared. @throws ArgumentError when it has another already. */
  complete(): void {
    const updates = this.#prepared?.updates;
    this.#prepared = null;
    this.#held.clear();
    try {
      if (updates === undefined || updates.next().done === true) return;
    } finally {
      this.#forgetNoise();
    }
    const { name, updateEvery } = this.#options.strategy;
    updates.return();
    throw new ArgumentError(
      `fit: the strategy ${name} gave two updates for no more than updateEvery, ${updateEvery}, steps; its updateEvery must be the steps between two of its updates.`,
    );
  }

  /** Lets the update that was prepared go, untaken: the run cannot go on from there. */
  discard(): void {
    this.#prepared?.updates.return();
    this.#prepared = null;
    this.#forgetNoise();
  }

  /** Where it stands; the snapshot belongs to the caller. */
  state(): SequenceState {
    return { items: this.#items ?? null, snapshot: this.#run.snapshot() };
  }

  /** What an error would be told of. */
  shareTrees(): FailureTrees {
    const { stretches, begins } = this.#held;
    return { data: shareTree(stretches), carry: shareTree(this.#run.carry), begins };
  }

  dispose(): void {
    this.discard();
    this.#run.dispose();
    this.#held.clear();
  }

  #forgetNoise(): void {
    disposeTree(this.#noisy);
    this.#noisy = null;
  }
}
