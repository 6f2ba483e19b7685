import { vjp, type Pullback } from '../autodiff/index.js';
import type { Key } from '../random/index.js';
import { requireLoss, type SequenceTask } from '../recurrence/SequenceTask.js';
import { mul, onesLike } from '../tensor/ops/index.js';
import { keep, scope, shareTree } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { disposeTree, treeMap } from '../tensor/tree.js';

type WayBack<P, C, O> = Pullback<{ params: P; carry: C | null }, { readonly carry: C; readonly output: O }>;

/** What a link's losses came to: their sum, and the parameters' gradient so far with what the readout adds to it. */
export interface LinkLoss<P> {
  readonly loss: Tensor;
  readonly gradient: P;
}

/** Where a link stands, and the carry it starts from; null starts the sequence. */
export interface LinkStart<C> {
  readonly from: number;
  readonly to: number;
  /** First step of the update that it runs in. */
  readonly ranIn: number;
  readonly carry: C | null;
  readonly key: Key | null;
}

/**
 * A stretch of a chain whose way back can be weighted apart from its losses: the readout is pulled back at once, which leaves
 * `q = ∂ℓ/∂output`, and the recurrence as often as is asked, with any weight on q and on what comes from later links.
 */
export class Link<P, C, S, O> {
  readonly from: number;
  readonly to: number;
  readonly ranIn: number;
  #stretch: S;
  #start: C | null;
  #params: P;
  #wayBack: WayBack<P, C, O>;
  #lossCotangent: O | null = null;

  private constructor(stretch: S, { from, to, ranIn, carry }: LinkStart<C>, params: P, wayBack: WayBack<P, C, O>) {
    [this.from, this.to, this.ranIn] = [from, to, ranIn];
    [this.#stretch, this.#start, this.#params, this.#wayBack] = [shareTree(stretch), shareTree(carry), params, wayBack];
  }

  /**
   * Runs a stretch forward, which is borrowed, as carry and parameters are. Beside the link it gives the carry after it, outside every
   * scope, and what `losses` makes of its outputs: with `losses` null none count. The gradient so far is taken over.
   */
  static run<P, C, S, O>(
    task: SequenceTask<P, C, S, O>,
    params: P,
    stretch: S,
    start: LinkStart<C>,
    losses: { readonly soFar: P | null } | null,
  ): { link: Link<P, C, S, O>; carry: C; counted: LinkLoss<P> | null } {
    const held = shareTree(params);
    const { from, key, carry } = start;
    let link: Link<P, C, S, O> | null = null;
    try {
      return scope(() => {
        const { value, pullback } = vjp(
          (x: { params: P; carry: C | null }) =>
            task.forward(x.params, x.carry ?? task.initialCarry(x.params, stretch), stretch, { from, key }),
          { params: held, carry },
        );
        link = new Link<P, C, S, O>(stretch, start, held, pullback);
        const counted = losses === null ? null : link.#count(task, value.output, losses.soFar, key);
        return { link, carry: keep(value.carry), counted };
      });
    } catch (error) {
      if (link === null) disposeTree(held);
      else (link as Link<P, C, S, O>).dispose();
      throw error;
    }
  }

  get steps(): number {
    return this.to - this.from;
  }

  #count(task: SequenceTask<P, C, S, O>, output: O, soFar: P | null, key: Key | null): LinkLoss<P> {
    const local = vjp(
      (x: { params: P; output: O }) =>
        requireLoss(task.loss(x.params, x.output, this.#stretch, { from: this.from, key })),
      { params: this.#params, output },
    );
    try {
      const pulled = local.pullback.accumulate(onesLike(local.value), { params: soFar as P, output: null as O });
      this.#lossCotangent = keep(pulled.output);
      return { loss: local.value, gradient: pulled.params };
    } finally {
      local.pullback.dispose();
    }
  }

  /**
   * Pulls its own losses, weighted, and the cotangent of the carry after it back, and adds to the gradient so far, which is taken over.
   * Results belong to the caller's scope.
   */
  pull(weight: number, carryCotangent: C | null, soFar: P | null): { params: P; carry: C | null } {
    const q = this.#lossCotangent;
    const output = weight === 0 || q === null ? null : weight === 1 ? q : treeMap(q, (leaf) => mul(leaf, weight));
    const cotangent = { carry: carryCotangent as C, output: output as O };
    return this.#wayBack.accumulate(cotangent, { params: soFar as P, carry: null });
  }

  /** Its losses are in an update, and are not pulled back again. */
  forgetLosses(): void {
    disposeTree(this.#lossCotangent);
    this.#lossCotangent = null;
  }

  /** Copies of what it ran with, which are the caller's. */
  share(): { readonly params: P; readonly carry: C | null; readonly stretch: S } {
    return shareTree({ params: this.#params, carry: this.#start, stretch: this.#stretch });
  }

  dispose(): void {
    this.#wayBack.dispose();
    this.forgetLosses();
    disposeTree([this.#stretch, this.#start, this.#params]);
  }
}
