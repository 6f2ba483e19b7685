import { vjp, type Pullback } from '../autodiff/index.js';
import type { Key } from '../random/index.js';
import { timeOf } from '../recurrence/overTime.js';
import { keep, scope, shareTree } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { disposeTree } from '../tensor/tree.js';
import { requireLoss, type SequenceTask } from '../recurrence/SequenceTask.js';
import type { PieceSnapshot } from './Strategy.js';
import { sliceTime } from '../recurrence/stretch.js';

/** Which losses of a piece count. */
export type LossesOf = 'all' | 'last' | 'none';

interface Taped<P, C> {
  readonly pullback: Pullback<{ params: P; carry: C | null }, { carry: C; loss: Tensor | null }>;
  readonly params: P;
  readonly loss: Tensor | null;
}

/** A stretch between two cuts, with the carry it starts from and, once run, the way back through it. */
export class Piece<P, C, S, O> {
  readonly from: number;
  readonly to: number;
  #task: SequenceTask<P, C, S, O>;
  #key: Key | null;
  #stretch: S;
  #carry: C | null;
  #taped: Taped<P, C> | null = null;

  /** Shares `stretch` and `carry`; a null carry starts the sequence. */
  constructor(task: SequenceTask<P, C, S, O>, key: Key | null, from: number, stretch: S, carry: C | null) {
    this.#task = task;
    this.#key = key;
    this.from = from;
    this.to = from + timeOf(stretch);
    this.#stretch = shareTree(stretch);
    this.#carry = carry === null ? null : shareTree(carry);
  }

  get steps(): number {
    return this.to - this.from;
  }

  /** The loss counted in the last run, owned by the piece. */
  get loss(): Tensor | null {
    return this.#taped?.loss ?? null;
  }

  /** Starts from another carry from now on. */
  restartFrom(carry: C): void {
    disposeTree(this.#carry);
    this.#carry = shareTree(carry);
  }

  /**
   * Runs forward, keeping what the way back needs; the gradient of the carry that it starts from is worked out where `toCarry` says
   * so. Returns the carry after it, owned by the caller, outside every scope.
   */
  run(params: P, losses: LossesOf, toCarry: boolean): C {
    this.#forget();
    const held = shareTree(params);
    try {
      const { value, pullback } = scope(() => {
        const taped = vjp(
          (x: { params: P; carry: C | null }) => this.#forward(x.params, x.carry ?? this.#carry, losses),
          { params: held, carry: toCarry ? this.#carry : null },
        );
        return { value: keep(taped.value), pullback: taped.pullback };
      });
      this.#taped = { pullback, params: held, loss: value.loss };
      return value.carry;
    } catch (error) {
      disposeTree(held);
      throw error;
    }
  }

  #forward(params: P, start: C | null, losses: LossesOf): { carry: C; loss: Tensor | null } {
    const context = { from: this.from, key: this.#key };
    const { carry, output } = this.#task.forward(
      params,
      start ?? this.#task.initialCarry(params, this.#stretch),
      this.#stretch,
      context,
    );
    if (losses === 'none') return { carry, loss: null };
    if (losses === 'all') return { carry, loss: requireLoss(this.#task.loss(params, output, this.#stretch, context)) };
    const last = sliceTime(output, this.steps - 1, this.steps);
    const lastStretch = sliceTime(this.#stretch, this.steps - 1, this.steps);
    const loss = this.#task.loss(params, last, lastStretch, { ...context, from: this.to - 1 });
    return { carry, loss: requireLoss(loss) };
  }

  /**
   * Pulls the piece's own loss (when `lossSeed` is given) and the cotangent of the carry after it back, and adds to the parameters'
   * gradient so far, which is taken over. Results belong to the caller's scope; the carry's is null where `run` was told so.
   */
  pull(lossSeed: Tensor | null, carryCotangent: C | null, soFar: P | null): { params: P; carry: C | null } {
    const { pullback } = this.#taped as Taped<P, C>;
    return pullback.accumulate({ carry: carryCotangent as C, loss: lossSeed }, { params: soFar as P, carry: null });
  }

  snapshot(withParams: boolean): PieceSnapshot {
    return {
      from: this.from,
      params: withParams && this.#taped !== null ? shareTree(this.#taped.params) : null,
      carry: shareTree(this.#carry),
      stretch: shareTree(this.#stretch),
    };
  }

  dispose(): void {
    this.#forget();
    disposeTree(this.#stretch);
    disposeTree(this.#carry);
  }

  #forget(): void {
    this.#taped?.pullback.dispose();
    this.#taped?.loss?.dispose();
    if (this.#taped !== null) disposeTree(this.#taped.params);
    this.#taped = null;
  }
}
