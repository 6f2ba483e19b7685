import type { Key } from '../random/index.js';
import type { SequenceTask } from '../recurrence/SequenceTask.js';
import { add, onesLike } from '../tensor/ops/index.js';
import { keep, scope, shareTree } from '../tensor/scope.js';
import { disposeTree } from '../tensor/tree.js';
import type { Tensor } from '../tensor/Tensor.js';
import { passActions, type PassPlan } from './passActions.js';
import { Piece, type LossesOf } from './Piece.js';
import { runForward } from './runForward.js';
import type { Gathered } from './runLead.js';
import { StoredState, type StateStore } from './StateStore.js';

/** A segment of a pass. */
export interface PassUnit<P, S> {
  readonly from: number;
  readonly to: number;
  readonly losses: LossesOf;
  readonly params: P;
  /** Its steps, owned by the caller, outside every scope. */
  stretch(): S;
}

/** What a pass is run over, and how. All is borrowed. */
export interface PassCall<P, C, S, O> {
  readonly task: SequenceTask<P, C, S, O>;
  readonly key: Key | null;
  readonly units: readonly PassUnit<P, S>[];
  /** The carry before the first; null starts the sequence. */
  readonly start: C | null;
  readonly plan: PassPlan;
  readonly store: StateStore | null;
  /** What is added to. */
  readonly soFar: Gathered<P> | null;
  /** Told of the carry before unit `at`, borrowed, each time that it is made. */
  passed(at: number, carry: C): void;
}

/** What came of a pass, owned by the caller, outside every scope. */
export interface PassResult<P> extends Gathered<P> {
  /** Steps run forward, those run again included. */
  readonly forwardSteps: number;
}

/** Runs a checkpointed pass: forward once or more through each segment, and back once. Whatever happens, it holds nothing afterwards. */
export function runPass<P, C, S, O>(call: PassCall<P, C, S, O>): PassResult<P> {
  const pass = new Pass(call);
  try {
    for (const action of passActions(call.plan)) pass[action.do](action.from, action.to);
    return pass.result();
  } finally {
    pass.dispose();
  }
}

/** Where something is held. */
interface Place<P, C, S, O> {
  readonly carry: C | null;
  /** The segment before it, recorded. */
  readonly piece: Piece<P, C, S, O> | null;
  /** Whether the carry is in the slower store as well. */
  readonly isStored: boolean;
}

class Pass<P, C, S, O> {
  readonly #call: PassCall<P, C, S, O>;
  readonly #places: Place<P, C, S, O>[];
  readonly #stored: StoredState<C>[] = [];
  #gradient: P | null;
  #loss: Tensor | null;
  #cotangent: C | null = null;
  #forwardSteps = 0;

  constructor(call: PassCall<P, C, S, O>) {
    this.#call = call;
    this.#places = [{ carry: shareTree(call.start), piece: null, isStored: false }];
    this.#gradient = shareTree(call.soFar?.gradient ?? null);
    this.#loss = shareTree(call.soFar?.loss ?? null);
  }

  keep(from: number, to: number): void {
    this.#push({ carry: this.#forward(from, to), piece: null, isStored: false });
  }

  put(from: number, to: number): void {
    const carry = this.#forward(from, to);
    try {
      this.#stored.push(new StoredState(this.#call.store as StateStore, carry));
    } catch (error) {
      disposeTree(carry);
      throw error;
    }
    this.#push({ carry, piece: null, isStored: true });
  }

  get(): void {
    const state = this.#stored.pop() as StoredState<C>;
    try {
      this.#places.push({ carry: state.get(), piece: null, isStored: false });
    } finally {
      state.delete();
    }
  }

  drop(): void {
    disposePlace(this.#places.pop());
  }

  record(from: number, to: number): void {
    const { task, key, units } = this.#call;
    const unit = units[to - 1] as PassUnit<P, S>;
    const before = this.#forward(from, to - 1);
    const stretch = unit.stretch();
    const piece = new Piece(task, key, unit.from, stretch, before);
    disposeTree([before, stretch]);
    try {
      this.#forwardSteps += piece.steps;
      this.#places.push({ carry: piece.run(unit.params, unit.losses, to > 1), piece, isStored: false });
    } catch (error) {
      piece.dispose();
      throw error;
    }
    this.#passed(to);
  }

  pull(): void {
    const place = this.#places.pop();
    const piece = place?.piece as Piece<P, C, S, O>;
    try {
      scope(() => {
        const { loss } = piece;
        const { params, carry } = piece.pull(loss === null ? null : onesLike(loss), this.#cotangent, this.#gradient);
        this.#gradient = keep(params);
        disposeTree(this.#cotangent);
        this.#cotangent = carry === null ? null : keep(carry);
        if (loss === null) return;
        const total = this.#loss === null ? shareTree(loss) : keep(add(this.#loss, loss));
        this.#loss?.dispose();
        this.#loss = total;
      });
    } finally {
      disposePlace(place);
    }
  }

  result(): PassResult<P> {
    const { gradient, loss } = { gradient: this.#gradient as P, loss: this.#loss as Tensor };
    [this.#gradient, this.#loss] = [null, null];
    return { gradient, loss, forwardSteps: this.#forwardSteps };
  }

  dispose(): void {
    for (const place of this.#places) disposePlace(place);
    disposeTree([this.#gradient, this.#loss, this.#cotangent]);
    for (const state of this.#stored) state.delete();
  }

  /** The carry after units `from … to`, run with no way back from the newest place; owned by the caller. */
  #forward(from: number, to: number): C {
    const { task, key, units, passed } = this.#call;
    const newest = this.#places.at(-1) as Place<P, C, S, O>;
    let carry = shareTree(newest.carry);
    try {
      for (let index = from; index < to; index++) {
        const unit = units[index] as PassUnit<P, S>;
        const stretch = unit.stretch();
        try {
          const after = runForward(task, { params: unit.params, carry, stretch, from: unit.from, key });
          disposeTree(carry);
          carry = after;
        } finally {
          disposeTree(stretch);
        }
        this.#forwardSteps += unit.to - unit.from;
        passed(index + 1, carry);
      }
      return carry as C;
    } catch (error) {
      disposeTree(carry);
      throw error;
    }
  }

  /** A new place; the one before is left where it can be got again. */
  #push(place: Place<P, C, S, O>): void {
    if (this.#places.at(-1)?.isStored === true) this.drop();
    this.#places.push(place);
  }

  #passed(at: number): void {
    const { carry } = this.#places.at(-1) as Place<P, C, S, O>;
    this.#call.passed(at, carry as C);
  }
}

function disposePlace<P, C, S, O>(place: Place<P, C, S, O> | undefined): void {
  place?.piece?.dispose();
  disposeTree(place?.carry);
}
