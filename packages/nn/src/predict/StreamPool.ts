import { fromArray, gather, keep, reshape, scope, type Tensor } from '@tempograd/core';
import { lengthsToMask } from '../layers/index.js';
import type { AnyInput } from '../model/ModelInput.js';
import type { AnySequenceModel, SequenceModelParams } from '../model/sequenceModel.js';
import { nextTurn, turnIsDue } from '../turn.js';
import { JoinedCarries } from './JoinedCarries.js';
import type { Stream } from './Stream.js';
import type { StepInputs, StepItem } from './stepInputs.js';

/** Numbers that a model gives for one step: logits or predictions. */
export type StepOutput = Float32Array | Float64Array;

/** Steps that a stream wants to read. */
interface Wish {
  readonly stream: Stream;
  readonly items: readonly StepItem[];
  /** Whether the outputs of all steps are wanted, or of the last alone. */
  readonly each: boolean;
  /** How many steps are enqueued. */
  done: number;
  readonly outputs: StepOutput[];
  /** How many outputs are on their way. */
  coming: number;
  readonly resolve: (outputs: StepOutput[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Outputs that are wanted of a batch of steps, and their place among those of the wish. */
interface Wanted {
  readonly wish: Wish;
  readonly at: number;
  readonly count: number;
}

/** Milliseconds that a batch waits at most while new streams keep coming. */
const longestGathering = 20;

/** Most steps that a stream reads in one go, so that a long prompt does not keep the others waiting. */
const longestChunk = 64;

/**
 * Steps of many streams, enqueued together where they are wanted at the same time. What is wanted in one turn of the event loop is
 * one batch; where all streams that stepped lately want the next step already, nothing is waited for.
 */
export class StreamPool {
  readonly model: AnySequenceModel;
  readonly params: SequenceModelParams<AnyInput>;
  readonly inputs: StepInputs;
  readonly carries: JoinedCarries;
  #waiting: Wish[] = [];
  #isScheduled = false;
  /** How many streams want to step, if it is as lately. */
  #expected = 1;
  #batches = 0;
  #lastBatch = 0;
  /** Most steps in one go: a model that reads from both ends reads a whole sequence. */
  readonly #longest: number;

  constructor(model: AnySequenceModel, params: SequenceModelParams<AnyInput>, inputs: StepInputs) {
    this.model = model;
    this.params = params;
    this.inputs = inputs;
    this.carries = new JoinedCarries(model, params);
    this.#longest = model.causal === true ? longestChunk : Infinity;
  }

  /** Lets a stream read steps, after those it was to read before. Resolves with the outputs of each step, or of the last. */
  ask({ stream, items, each, resolve, reject }: Pick<Wish, 'stream' | 'items' | 'each' | 'resolve' | 'reject'>): void {
    this.#waiting.push({ stream, items, each, done: 0, outputs: [], coming: 0, resolve, reject });
    this.#schedule();
  }

  /** Enqueues at once all that a stream is to read, so that its carry is the one after it. */
  settle(stream: Stream): void {
    while (this.#waiting.some((wish) => wish.stream === stream)) this.#enqueue();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#waiting.length < this.#expected || turnIsDue()) await this.#gather();
      this.#enqueue();
    }
    this.#isScheduled = false;
  }

  /**
   * Gives the event loop turns, and those who are about to want a step the time to say so: until two turns have brought nobody, since
   * a server of Node lets in one client a turn, whose request comes with the next.
   */
  async #gather(): Promise<void> {
    const begun = performance.now();
    for (let quiet = 0; quiet < 2 && performance.now() - begun < longestGathering;) {
      const before = this.#waiting.length;
      await nextTurn();
      quiet = this.#waiting.length > before ? 0 : quiet + 1;
    }
  }

  /** Enqueues one step of each stream that wants one, and a chunk of each that wants more. */
  #enqueue(): void {
    const streams = new Set<Stream>();
    const first = this.#waiting.filter(({ stream }) => !streams.has(stream) && streams.add(stream));
    if (first.length === 0) return;
    this.#batches++;
    const again = first.filter(({ stream }) => stream.batch === this.#batches - 1).length;
    this.#expected = first.length + this.#lastBatch - again;
    this.#lastBatch = first.length;
    for (const { stream } of first) stream.batch = this.#batches;
    for (const wishes of grouped(first, (wish) => this.#kindOf(wish))) {
      const inOrder = JoinedCarries.inOrder(wishes.map((wish) => ({ wish, row: wish.stream.row })));
      this.#step(inOrder.map(({ wish }) => wish));
    }
    this.#waiting = this.#waiting.filter((wish) => wish.done < wish.items.length);
  }

  /** What wishes of one batch have in common: whether they are for one step, and where a cell of the user's may look at the time, that. */
  #kindOf({ items, done, stream }: Wish): string {
    const length = items.length - done > 1 ? 'many' : 'one';
    return typeof this.model.config.cell === 'object' ? `${length} at ${stream.steps}` : length;
  }

  /** Enqueues a step, or a chunk of several, of streams in the order of their rows. */
  #step(wishes: readonly Wish[]): void {
    const rows = wishes.map(({ stream }) => stream.row);
    const chunks = wishes.map(({ items, done }) =>
      done === 0 && items.length <= this.#longest ? items : items.slice(done, done + this.#longest),
    );
    const time = chunks.reduce((longest, { length }) => Math.max(longest, length), 0);
    const picked: number[] = [];
    const wanted: Wanted[] = [];
    chunks.forEach(({ length }, row) => {
      const wish = wishes[row] as Wish;
      const isLast = wish.done + length === wish.items.length;
      const from = wish.each ? 0 : length - Number(isLast);
      for (let step = from; step < length; step++) picked.push(step * chunks.length + row);
      if (from < length) wanted.push({ wish, at: wish.each ? wish.done : 0, count: length - from });
    });
    try {
      const logits = scope(() => {
        const inputs = this.inputs.tensor(chunks, time);
        const lengths = chunks.map(({ length }) => length);
        const mask = lengths.every((length) => length === time)
          ? null
          : lengthsToMask(lengths, time, { backend: this.inputs.backend });
        const context = { from: wishes[0]?.stream.steps ?? 0, key: null };
        const { model, params } = this;
        const { carry, output } = model.forward(params, this.carries.join(rows), { inputs, mask }, context);
        const some = picked.length === 0 ? null : keep(model.logits(params, pick(output, picked)));
        // What reads from both ends begins anew with each sequence.
        if (model.causal === true) this.carries.replace(rows, carry);
        return some;
      });
      chunks.forEach(({ length }, row) => advance(wishes[row] as Wish, length));
      for (const { wish, count } of wanted) wish.coming += count;
      if (logits !== null) void deliver(logits, wanted);
    } catch (error) {
      for (const wish of wishes) {
        wish.done = wish.items.length;
        wish.reject(error);
      }
    }
  }
}

function grouped<T>(all: readonly T[], kindOf: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const kind = kindOf(one);
    const group = groups.get(kind);
    if (group === undefined) groups.set(kind, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

function advance(wish: Wish, steps: number): void {
  wish.done += steps;
  wish.stream.steps += steps;
}

/** Steps of `[time, batch, …]` by number, `[1, steps, …]`, or all of them as they are. */
function pick(output: Tensor, numbers: readonly number[]): Tensor {
  const [time, batch, ...rest] = output.shape as [number, number, ...number[]];
  if (numbers.length === time * batch && (time === 1 || batch === 1)) return output;
  const indices = fromArray(numbers, [1, numbers.length], { dtype: 'i32', backend: output.backend });
  return gather(reshape(output, [time * batch, ...rest]), indices);
}

/** Reads outputs and gives them to those who want them. */
async function deliver(logits: Tensor, wanted: readonly Wanted[]): Promise<void> {
  try {
    // A copy: what a backend gives may be its own memory.
    const values = (await logits.read()).slice() as StepOutput;
    const width = logits.shape.at(-1) as number;
    let from = 0;
    for (const { wish, at, count } of wanted) {
      for (let step = 0; step < count; step++) wish.outputs[at + step] = values.subarray(from, (from += width));
      wish.coming -= count;
      if (wish.coming === 0 && wish.done === wish.items.length) wish.resolve(wish.outputs);
    }
  } catch (error) {
    for (const { wish } of wanted) wish.reject(error);
  } finally {
    logits.dispose();
  }
}
