/** Updates one after another, as one. */
export interface LossBlock {
  /** Updates in it. */
  readonly count: number;
  /** The first of them. */
  readonly from: number;
  /** The last of them. */
  readonly to: number;
  /** Mean of their losses. */
  readonly loss: number;
  /** Greatest of their gradient norms. */
  readonly norm: number;
  /** Learning rate of the last. */
  readonly rate: number;
}

/** How the loss went over a stretch of training. */
export interface Course {
  /** The stretch's first update. */
  readonly since: number;
  /** Mean loss at its end. */
  readonly level: number;
  /** By how much the loss fell over it, along a straight line; negative where it rose. */
  readonly fall: number;
  /** Standard error of that. */
  readonly error: number;
}

/** Blocks that are kept; when there are so many, two become one each. */
const most = 128;

/** The losses of a whole training in little room: blocks of updates, all of them of as many but the last. Plain JSON inside. */
export class LossTrace {
  #blocks: LossBlock[];
  #per: number;

  constructor({ blocks = [], per = 1 }: { readonly blocks?: readonly LossBlock[]; readonly per?: number } = {}) {
    this.#blocks = [...blocks];
    this.#per = per;
  }

  get blocks(): readonly LossBlock[] {
    return this.#blocks;
  }

  /** Updates of a full block. */
  get per(): number {
    return this.#per;
  }

  /** Updates seen. */
  get updates(): number {
    return this.#blocks.reduce((sum, { count }) => sum + count, 0);
  }

  add(update: number, loss: number, norm: number, rate: number): void {
    const last = this.#blocks.at(-1);
    const next = { count: 1, from: update, to: update, loss, norm, rate };
    if (last !== undefined && last.count < this.#per) {
      this.#blocks[this.#blocks.length - 1] = joined(last, next);
      return;
    }
    if (this.#blocks.length === most) {
      this.#blocks = Array.from({ length: most / 2 }, (_, index) =>
        joined(this.#blocks[2 * index] as LossBlock, this.#blocks[2 * index + 1] as LossBlock),
      );
      this.#per *= 2;
    }
    this.#blocks.push(next);
  }

  /** Mean loss of the first updates, at least so many. */
  first(updates: number): number {
    return meanOf(upTo(this.#blocks, updates));
  }

  /** Mean loss of the last updates, at least so many, and its standard error. */
  last(updates: number): { readonly mean: number; readonly error: number; readonly since: number } {
    const blocks = upTo([...this.#blocks].reverse(), updates);
    const mean = meanOf(blocks);
    const squares = blocks.reduce((sum, { loss }) => sum + (loss - mean) ** 2, 0);
    const error = blocks.length < 2 ? Infinity : Math.sqrt(squares / (blocks.length - 1) / blocks.length);
    return { mean, error, since: blocks.at(-1)?.from ?? 0 };
  }

  /** The lowest mean loss over as many updates one after another, and the last of these. */
  best(updates: number): { readonly mean: number; readonly at: number } {
    let best = { mean: Infinity, at: 0 };
    for (let begin = 0; begin < this.#blocks.length; begin++) {
      const blocks = upTo(this.#blocks.slice(begin), updates);
      if (countOf(blocks) < updates) break;
      const mean = meanOf(blocks);
      if (mean < best.mean) best = { mean, at: (blocks.at(-1) as LossBlock).to };
    }
    return best;
  }

  /** The course over the last updates, at least so many; null where there are fewer, or too few blocks to tell. */
  course(updates: number): Course | null {
    const blocks = upTo([...this.#blocks].reverse(), updates).reverse();
    const count = countOf(blocks);
    if (count < updates || blocks.length < 8) return null;
    const at = blocks.map(({ from, to }) => (from + to) / 2);
    const mean = meanOf(blocks);
    const centre = blocks.reduce((sum, block, index) => sum + block.count * (at[index] as number), 0) / count;
    let [spread, along] = [0, 0];
    blocks.forEach((block, index) => {
      const away = (at[index] as number) - centre;
      spread += block.count * away ** 2;
      along += block.count * away * block.loss;
    });
    const slope = along / spread;
    const rest = blocks.reduce(
      (sum, block, index) => sum + block.count * (block.loss - mean - slope * ((at[index] as number) - centre)) ** 2,
      0,
    );
    const deviation = Math.sqrt(rest / (blocks.length - 2) / spread);
    const length = (at.at(-1) as number) - (at[0] as number);
    return {
      since: (blocks[0] as LossBlock).from,
      level: mean + slope * ((at.at(-1) as number) - centre),
      fall: -slope * length,
      error: deviation * length,
    };
  }
}

function joined(a: LossBlock, b: LossBlock): LossBlock {
  const count = a.count + b.count;
  return {
    count,
    from: a.from,
    to: b.to,
    loss: (a.count * a.loss + b.count * b.loss) / count,
    norm: Math.max(a.norm, b.norm),
    rate: b.rate,
  };
}

function upTo(blocks: readonly LossBlock[], updates: number): LossBlock[] {
  const taken: LossBlock[] = [];
  for (let count = 0, index = 0; count < updates && index < blocks.length; index++) {
    const block = blocks[index] as LossBlock;
    taken.push(block);
    count += block.count;
  }
  return taken;
}

function countOf(blocks: readonly LossBlock[]): number {
  return blocks.reduce((sum, { count }) => sum + count, 0);
}

function meanOf(blocks: readonly LossBlock[]): number {
  return blocks.reduce((sum, { count, loss }) => sum + count * loss, 0) / countOf(blocks);
}
