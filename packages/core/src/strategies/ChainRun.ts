import { stopGradient } from '../autodiff/index.js';
import { ArgumentError } from '../backend/errors.js';
import type { Key } from '../random/index.js';
import { timeOf } from '../recurrence/overTime.js';
import type { SequenceTask } from '../recurrence/SequenceTask.js';
import { joinTime, sliceTime } from '../recurrence/stretch.js';
import { add, mul } from '../tensor/ops/index.js';
import { keep, scope, shareTree } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { disposeTree, treeMap } from '../tensor/tree.js';
import { Link, type LinkLoss } from './Link.js';
import { PendingSteps } from './PendingSteps.js';
import { RunState } from './RunState.js';
import type { PieceSnapshot, RunOptions, RunSnapshot, StepRange, StrategyRun, Update } from './Strategy.js';

/** What is done at one link on the way back, from the latest link to earlier ones. */
export interface Stride {
  /** Multiplies what its own losses say; 0 for not at all. */
  readonly losses: number;
  /** Multiplies what comes from the link after it. */
  readonly carry: number;
  /** Whether its parameters learn of it; if not, it is only passed through. */
  readonly learns: boolean;
}

/** How a chain of links is cut and weighted. Steps are counted from the sequence's first. */
export interface ChainPolicy {
  readonly updateEvery: number;
  /** Where the link that begins at `from` ends, at `to` at the latest, in a chain that begins at `chainFrom`. */
  linkEnd(from: number, to: number, chainFrom: number): number;
  /** The way back, now that the last of these links has run, the latest first; empty where none is due. `from` is the update's first step. */
  wayBack(links: readonly StepRange[], from: number, updateEnds: boolean): readonly Stride[];
  /** Later ways back reach no link that ends at this step or before. */
  reachFrom(links: readonly StepRange[]): number;
  /** Whether updates that end before step `to` are unbiased. */
  unbiased(to: number): boolean;
}

/** A run whose past is a chain of links, which a policy cuts, weighs and forgets. Each link ran with the parameters of its time. */
export class ChainRun<P, C, S, O> implements StrategyRun<P, C, S> {
  #task: SequenceTask<P, C, S, O>;
  #policy: ChainPolicy;
  #key: Key | null;
  #position = 0;
  #carry: C | null = null;
  #pending = new PendingSteps<S>();
  /** Oldest first. */
  #links: Link<P, C, S, O>[] = [];
  #state = new RunState();

  constructor(task: SequenceTask<P, C, S, O>, policy: ChainPolicy, key: Key | null, options: RunOptions<C>) {
    [this.#task, this.#policy, this.#key] = [task, policy, key];
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
    const { updateEvery } = this.#policy;
    while (this.#pending.time >= updateEvery) yield* this.#updates(params, updateEvery);
  }

  *finish(params: P): Generator<Update<P>, void, void> {
    this.#state.requireWhole('finish', this.#position);
    if (this.#pending.time > 0) yield* this.#updates(params, this.#pending.time);
  }

  snapshot(): RunSnapshot {
    this.#state.requireWhole('snapshot', this.#position);
    return {
      position: this.#position,
      carry: shareTree(this.#carry),
      pending: this.#pending.share(),
      pieces: this.#pieces(),
    };
  }

  dispose(): void {
    disposeTree(this.#carry);
    this.#pending.dispose();
    for (const link of this.#links) link.dispose();
    this.#links = [];
    this.#carry = null;
  }

  /** Links that ran in one update are one piece: they ran with the same parameters, and are cut again in the same places. */
  #pieces(): PieceSnapshot[] {
    const pieces: PieceSnapshot[] = [];
    let latest: number | null = null;
    for (const link of this.#links) {
      const { params, carry, stretch } = link.share();
      const before = link.ranIn === latest ? pieces.pop() : undefined;
      latest = link.ranIn;
      if (before === undefined) {
        pieces.push({ from: link.from, params, carry, stretch });
        continue;
      }
      pieces.push({ ...before, stretch: scope(() => keep(joinTime<unknown>(before.stretch, stretch))) });
      disposeTree([before.stretch, params, carry, stretch]);
    }
    return pieces;
  }

  #restore({ position, carry, pending, pieces }: RunSnapshot): void {
    try {
      if (pending !== null) this.#pending.add(pending as S);
      for (const { from, params, carry: start, stretch } of pieces) {
        if (params === null) throw withoutParams();
        this.#setCarry(shareTree(start) as C | null);
        const to = from + timeOf(stretch);
        for (let at = from; at < to;) {
          const end = this.#linkEnd(at, to);
          const part = scope(() => keep(sliceTime(stretch as S, at - from, end - from)));
          this.#runLink(params as P, part, { from: at, to: end, ranIn: from }, null);
          at = end;
        }
      }
      this.#setCarry(shareTree(carry) as C | null);
      this.#position = position;
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  #updates(params: P, steps: number): Generator<Update<P>, void, void> {
    return this.#state.handOn(params, (peakBytes) => this.#update(params, steps, peakBytes));
  }

  #update(params: P, steps: number, peakBytes: () => number): Update<P> {
    const [from, to] = [this.#position, this.#position + steps];
    let [backwardSteps, earliest] = [0, to];
    const summed = scope(() => {
      let [gradient, loss]: [P | null, Tensor | null] = [null, null];
      for (let at = from; at < to;) {
        const end = this.#linkEnd(at, to);
        const range = { from: at, to: end, ranIn: from };
        const counted = this.#runLink(params, this.#pending.take(end - at), range, { soFar: gradient });
        loss = loss === null ? counted.loss : add(loss, counted.loss);
        const strides = this.#policy.wayBack(this.#links, from, end === to);
        gradient = this.#pull(strides, counted.gradient);
        const walked = this.#walked(strides);
        for (const { link } of walked) backwardSteps += link.steps;
        earliest = Math.min(earliest, ...walked.filter(({ stride }) => stride.learns).map(({ link }) => link.from));
        this.#forgetBefore(this.#policy.reachFrom(this.#links));
        at = end;
      }
      return keep({ gradient: gradient as P, loss: loss as Tensor });
    });
    this.#position = to;
    for (const link of this.#links) link.forgetLosses();
    return {
      gradient: summed.gradient,
      loss: summed.loss,
      lossSteps: { from, to },
      parameterSteps: { from: earliest, to },
      droppedLosses: 0,
      forwardSteps: steps,
      backwardSteps,
      peakBytes: peakBytes(),
      unbiased: this.#policy.unbiased(to),
    };
  }

  #linkEnd(at: number, to: number): number {
    return this.#policy.linkEnd(at, to, this.#links[0]?.from ?? at);
  }

  /** Runs the next link, over a stretch that is taken over. */
  #runLink(
    params: P,
    stretch: S,
    range: StepRange & { readonly ranIn: number },
    losses: { readonly soFar: P | null },
  ): LinkLoss<P>;
  #runLink(params: P, stretch: S, range: StepRange & { readonly ranIn: number }, losses: null): null;
  #runLink(
    params: P,
    stretch: S,
    range: StepRange & { readonly ranIn: number },
    losses: { readonly soFar: P | null } | null,
  ): LinkLoss<P> | null {
    try {
      const start = { ...range, key: this.#key, carry: this.#carry };
      const { link, carry, counted } = Link.run(this.#task, params, stretch, start, losses);
      this.#links.push(link);
      this.#setCarry(carry);
      return counted;
    } finally {
      disposeTree(stretch);
    }
  }

  #walked(strides: readonly Stride[]): { readonly link: Link<P, C, S, O>; readonly stride: Stride }[] {
    return strides.map((stride, index) => ({ stride, link: this.#links.at(-1 - index) as Link<P, C, S, O> }));
  }

  /** Goes back along the chain and adds to the gradient so far, which is taken over; the sum belongs to the caller's scope. */
  #pull(strides: readonly Stride[], soFar: P): P {
    return scope(() => {
      let gradient = soFar;
      let cotangent: C | null = null;
      for (const { link, stride } of this.#walked(strides)) {
        const weight = stride.carry;
        const fromLater =
          cotangent === null || weight === 1 ? cotangent : treeMap(cotangent, (leaf) => mul(leaf, weight));
        const pulled: { params: P; carry: C | null } = link.pull(
          stride.losses,
          fromLater,
          stride.learns ? gradient : null,
        );
        if (stride.learns) gradient = pulled.params;
        else disposeTree(pulled.params);
        cotangent = pulled.carry;
      }
      return gradient;
    });
  }

  #forgetBefore(step: number): void {
    const gone = this.#links.filter(({ to }) => to <= step);
    this.#links = this.#links.filter(({ to }) => to > step);
    for (const link of gone) link.dispose();
  }

  #setCarry(carry: C | null): void {
    disposeTree(this.#carry);
    this.#carry = carry;
  }
}

function withoutParams(): ArgumentError {
  return new ArgumentError(
    'The snapshot lacks the parameters that its pieces ran with: it is of a run of another strategy. Go on with that.',
  );
}
