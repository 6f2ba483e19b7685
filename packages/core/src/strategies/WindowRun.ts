import { stopGradient, valueAndGrad } from '../autodiff/index.js';
import { ArgumentError } from '../backend/errors.js';
import type { Key } from '../random/index.js';
import { commonBackend } from '../tensor/bind.js';
import { add, onesLike } from '../tensor/ops/index.js';
import { keep, scope, shareTree } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { disposeTree, treeLeaves } from '../tensor/tree.js';
import { Piece, type LossesOf } from './Piece.js';
import { PendingSteps } from './PendingSteps.js';
import { planWindow, type WindowSettings } from './planWindow.js';
import { RunState } from './RunState.js';
import type { SequenceTask } from '../recurrence/SequenceTask.js';
import type { RunOptions, RunSnapshot, StrategyRun, Update } from './Strategy.js';

interface Gathered<P> {
  readonly gradient: P;
  readonly loss: Tensor;
}

/**
 * Backpropagation through a window that ends at each update. Steps are cut into pieces wherever an interval or a window
 * begins; each piece is run forward with a tape of its own, and an update pulls back through the pieces of its window.
 */
export class WindowRun<P, C, S, O> implements StrategyRun<P, C, S> {
  #task: SequenceTask<P, C, S, O>;
  #settings: WindowSettings;
  #key: Key | null;
  #position = 0;
  #carry: C | null = null;
  #pending = new PendingSteps<S>();
  /** Pieces of earlier intervals that later windows reach into, oldest first. */
  #past: Piece<P, C, S, O>[] = [];
  #state = new RunState();

  constructor(task: SequenceTask<P, C, S, O>, settings: WindowSettings, options: RunOptions<C>) {
    this.#task = task;
    this.#settings = settings;
    this.#key = options.key ?? null;
    if (options.snapshot !== undefined) this.#restore(options.snapshot);
    else if (options.carry !== undefined) this.#carry = keep(stopGradient(options.carry));
  }

  get position(): number {
    return this.#position;
  }

  get carry(): C | null {
    return this.#carry;
  }

  *push(params: P, stretch: S): Generator<Update<P>, void, void> {
    this.#state.requireWhole('push', this.#position);
    this.#pending.add(stretch);
    while (this.#pending.time >= this.#settings.updateEvery) {
      yield* this.#updates(params, this.#settings.updateEvery);
    }
  }

  *finish(params: P): Generator<Update<P>, void, void> {
    this.#state.requireWhole('finish', this.#position);
    if (this.#pending.time > 0) yield* this.#updates(params, this.#pending.time);
  }

  snapshot(): RunSnapshot {
    this.#state.requireWhole('snapshot', this.#position);
    const stored = this.#settings.staleness === 'stored';
    return {
      position: this.#position,
      carry: shareTree(this.#carry),
      pending: this.#pending.share(),
      pieces: this.#past.map((piece) => piece.snapshot(stored)),
    };
  }

  dispose(): void {
    disposeTree(this.#carry);
    this.#pending.dispose();
    for (const piece of this.#past) piece.dispose();
    this.#past = [];
    this.#carry = null;
  }

  #restore({ position, carry, pending, pieces }: RunSnapshot): void {
    this.#position = position;
    this.#carry = shareTree(carry) as C | null;
    try {
      if (pending !== null) this.#pending.add(pending as S);
      for (const saved of pieces) {
        const piece = new Piece(this.#task, this.#key, saved.from, saved.stretch as S, saved.carry as C | null);
        this.#past.push(piece);
        if (saved.params !== null) disposeTree(piece.run(saved.params as P, 'none'));
        else if (this.#settings.staleness === 'stored') throw withoutParams();
      }
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  *#updates(params: P, steps: number): Generator<Update<P>, void, void> {
    const backend = commonBackend('training', treeLeaves(params));
    backend.resetPeak();
    const update = this.#state.orBroken(() => this.#update(params, steps));
    try {
      yield { ...update, peakBytes: backend.memory().peakBytes };
    } finally {
      disposeTree(update.gradient);
      update.loss.dispose();
    }
  }

  #update(params: P, steps: number): Omit<Update<P>, 'peakBytes'> {
    const { updateEvery, lossScope, staleness } = this.#settings;
    const [from, to] = [this.#position, this.#position + steps];
    const plan = planWindow(this.#settings, steps, to);
    const rerun = staleness === 'recompute' ? [...this.#past] : [];
    this.#rerun(rerun, params);
    const lead = plan.lead > 0 ? this.#runLead(params, this.#pending.take(plan.lead)) : null;
    let gathered: Gathered<P>;
    try {
      let at = from + plan.lead;
      for (const piece of plan.pieces) {
        this.#runPiece(params, this.#pending.take(piece.steps), at, piece.losses);
        at += piece.steps;
      }
      gathered = this.#pullBack(from, lead);
    } finally {
      if (lead !== null) disposeTree([lead.gradient, lead.loss]);
    }
    const windowFrom = (this.#past[0] as Piece<P, C, S, O>).from;
    this.#position = to;
    this.#forgetBefore(plan.reachFrom);
    return {
      ...gathered,
      lossSteps: { from: lossScope === 'last' ? to - 1 : from, to },
      parameterSteps: { from: windowFrom, to },
      droppedLosses: lossScope === 'last' ? steps - 1 : 0,
      forwardSteps: steps + rerun.reduce((sum, piece) => sum + piece.steps, 0),
      backwardSteps: to - windowFrom,
      unbiased: updateEvery === Infinity,
    };
  }

  #runPiece(params: P, stretch: S, from: number, losses: LossesOf): void {
    const piece = new Piece(this.#task, this.#key, from, stretch, this.#carry);
    disposeTree(stretch);
    this.#past.push(piece);
    this.#setCarry(piece.run(params, losses));
  }

  /** Runs the past again with the current parameters, from the oldest piece's carry on. */
  #rerun(pieces: readonly Piece<P, C, S, O>[], params: P): void {
    pieces.forEach((piece, index) => {
      if (index > 0) piece.restartFrom(this.#carry as C);
      this.#setCarry(piece.run(params, 'none'));
    });
  }

  /** Runs steps that lie before a short window, with no way back; their losses, where they count, train the readout alone. */
  #runLead(params: P, stretch: S): Gathered<P> | null {
    const context = { from: this.#position, key: this.#key };
    try {
      const { carry, gathered } = scope(() => {
        const fixed = stopGradient(params);
        const { carry: after, output } = this.#task.forward(
          fixed,
          this.#carry ?? this.#task.initialCarry(fixed, stretch),
          stretch,
          context,
        );
        const counts = this.#settings.lossScope === 'interval';
        const both = counts ? valueAndGrad((p: P) => this.#task.loss(p, output, stretch, context))(params) : null;
        const result = both === null ? null : { gradient: both.gradient, loss: both.value };
        return keep({ carry: stopGradient(after), gathered: result });
      });
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

  #setCarry(carry: C): void {
    disposeTree(this.#carry);
    this.#carry = carry;
  }
}

function withoutParams(): ArgumentError {
  return new ArgumentError(
    "The snapshot lacks the parameters that its pieces ran with: it is of a run with staleness 'recompute'. Go on with that.",
  );
}
