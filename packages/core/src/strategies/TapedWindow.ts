import { ArgumentError } from '../backend/errors.js';
import type { Key } from '../random/index.js';
import type { SequenceTask } from '../recurrence/SequenceTask.js';
import { add, onesLike } from '../tensor/ops/index.js';
import { keep, scope, shareTree } from '../tensor/scope.js';
import { disposeTree } from '../tensor/tree.js';
import type { PendingSteps } from './PendingSteps.js';
import { Piece, type LossesOf } from './Piece.js';
import type { WindowPlan, WindowSettings } from './planWindow.js';
import { runLead, type Gathered } from './runLead.js';
import type { PieceSnapshot, StepRange } from './Strategy.js';
import type { Window, WindowGradient } from './Window.js';

/**
 * A window of pieces that keep all that their way back needs. Steps are cut into pieces wherever an interval or a window begins; each
 * piece is run forward with a tape of its own, and an update pulls back through the pieces of its window.
 */
export class TapedWindow<P, C, S, O> implements Window<P, C, S> {
  readonly #task: SequenceTask<P, C, S, O>;
  readonly #settings: WindowSettings;
  readonly #key: Key | null;
  #carry: C | null;
  /** Pieces of earlier intervals that later windows reach into, oldest first. */
  #past: Piece<P, C, S, O>[] = [];

  /** Takes the carry over. */
  constructor(task: SequenceTask<P, C, S, O>, settings: WindowSettings, key: Key | null, carry: C | null) {
    this.#task = task;
    this.#settings = settings;
    this.#key = key;
    this.#carry = carry;
  }

  get carry(): C | null {
    return this.#carry;
  }

  update(params: P, plan: WindowPlan, pending: PendingSteps<S>, { from, to }: StepRange): WindowGradient<P> {
    // Those of before, not those that come now.
    const rerun = this.#settings.staleness === 'recompute' ? [...this.#past] : [];
    this.#rerun(rerun, params);
    const lead = plan.lead > 0 ? this.#runLead(params, pending.take(plan.lead), from) : null;
    let gathered: Gathered<P>;
    try {
      let at = from + plan.lead;
      for (const piece of plan.pieces) {
        this.#runPiece(params, pending.take(piece.steps), at, piece.losses);
        at += piece.steps;
      }
      gathered = this.#pullBack(from, lead);
    } finally {
      if (lead !== null) disposeTree([lead.gradient, lead.loss]);
    }
    const windowFrom = (this.#past[0] as Piece<P, C, S, O>).from;
    this.#forgetBefore(plan.reachFrom);
    return {
      gradient: gathered.gradient,
      loss: gathered.loss,
      windowFrom,
      forwardSteps: to - from + rerun.reduce((sum, piece) => sum + piece.steps, 0),
      backwardSteps: to - windowFrom,
    };
  }

  snapshot(): PieceSnapshot[] {
    return this.#past.map((piece) => piece.snapshot(this.#settings.staleness === 'stored'));
  }

  restore(carry: C | null, pieces: readonly PieceSnapshot[]): void {
    for (const saved of pieces) {
      // A window that keeps fewer states has saved the first carry alone: the others come of running.
      const start = (saved.carry as C | null) ?? (this.#past.length === 0 ? null : this.#carry);
      const piece = new Piece(this.#task, this.#key, saved.from, saved.stretch as S, start);
      this.#past.push(piece);
      if (saved.params !== null) this.#run(piece, saved.params as P, 'none');
      else if (this.#settings.staleness === 'stored') throw withoutParams();
    }
    this.#setCarry(shareTree(carry));
  }

  dispose(): void {
    this.#setCarry(null);
    for (const piece of this.#past) piece.dispose();
    this.#past = [];
  }

  #runPiece(params: P, stretch: S, from: number, losses: LossesOf): void {
    const piece = new Piece(this.#task, this.#key, from, stretch, this.#carry);
    disposeTree(stretch);
    this.#past.push(piece);
    this.#run(piece, params, losses);
  }

  /** The way back ends at the oldest piece: no later one begins before it. */
  #run(piece: Piece<P, C, S, O>, params: P, losses: LossesOf): void {
    this.#setCarry(piece.run(params, losses, piece !== this.#past[0]));
  }

  /** Runs the past again with the current parameters, from the oldest piece's carry on. */
  #rerun(pieces: readonly Piece<P, C, S, O>[], params: P): void {
    pieces.forEach((piece, index) => {
      if (index > 0) piece.restartFrom(this.#carry as C);
      this.#run(piece, params, 'none');
    });
  }

  #runLead(params: P, stretch: S, from: number): Gathered<P> | null {
    const counts = this.#settings.lossScope === 'interval';
    try {
      const call = { params, carry: this.#carry, stretch, from, key: this.#key };
      const { carry, gathered } = runLead(this.#task, call, counts);
      this.#setCarry(carry);
      return gathered;
    } finally {
      disposeTree(stretch);
    }
  }

  /** Pulls the losses from step `from` on back through all pieces, and adds what the lead gave. */
  #pullBack(from: number, lead: Gathered<P> | null): Gathered<P> {
    return scope(() => {
      let sum: Gathered<P> | null = lead;
      let carryCotangent: C | null = null;
      for (const piece of [...this.#past].reverse()) {
        const loss = piece.from >= from ? piece.loss : null;
        const pulled = piece.pull(loss === null ? null : onesLike(loss), carryCotangent, sum?.gradient ?? null);
        carryCotangent = pulled.carry;
        sum = {
          gradient: pulled.params,
          loss: loss === null || sum === null ? (loss ?? (sum as Gathered<P>).loss) : add(sum.loss, loss),
        };
      }
      const { gradient, loss } = sum as Gathered<P>;
      return { gradient: keep(gradient), loss: shareTree(loss) };
    });
  }

  #forgetBefore(step: number): void {
    const gone = this.#past.filter((piece) => piece.to <= step);
    this.#past = this.#past.filter((piece) => piece.to > step);
    for (const piece of gone) piece.dispose();
  }

  #setCarry(carry: C | null): void {
    disposeTree(this.#carry);
    this.#carry = carry;
  }
}

export function withoutParams(): ArgumentError {
  return new ArgumentError(
    "The snapshot lacks the parameters that its pieces ran with: it is of a run with staleness 'recompute'. Go on with that.",
  );
}
