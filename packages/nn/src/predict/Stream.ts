import type { CarryRow, JoinedCarries } from './JoinedCarries.js';
import type { StepItem } from './stepInputs.js';
import type { StepOutput, StreamPool } from './StreamPool.js';

/** Gives back the rows of streams that nobody holds any more, so that nobody has to dispose of them. */
const forgotten = new FinalizationRegistry<{ readonly carries: JoinedCarries; readonly row: CarryRow }>(
  ({ carries, row }) => carries.release(row),
);

/** A stream of steps with a memory of its own, among others that share a model. */
export class Stream {
  readonly pool: StreamPool;
  readonly row: CarryRow;
  /** Steps read since its start. */
  steps = 0;
  /** What the last step gave; null before the first. */
  last: Promise<StepOutput> | null = null;
  /** The item it read last. */
  lastItem: StepItem | null = null;
  /** The batch that it stepped in last. */
  batch = 0;

  constructor(pool: StreamPool, row: CarryRow = { block: null, index: 0 }) {
    this.pool = pool;
    this.row = row;
    forgotten.register(this, { carries: pool.carries, row });
  }

  /** Reads one step or more; gives what the last of them gave. */
  read(items: readonly StepItem[]): Promise<StepOutput> {
    this.lastItem = items.at(-1) ?? null;
    this.last = new Promise((resolve, reject) => {
      const resolveLast = ([output]: StepOutput[]): void => resolve(output as StepOutput);
      this.pool.ask({ stream: this, items, each: false, resolve: resolveLast, reject });
    });
    return this.last;
  }

  /** Reads one step or more; gives what each of them gave. */
  readEach(items: readonly StepItem[]): Promise<StepOutput[]> {
    this.lastItem = items.at(-1) ?? null;
    const outputs = new Promise<StepOutput[]>((resolve, reject) => {
      this.pool.ask({ stream: this, items, each: true, resolve, reject });
    });
    this.last = outputs.then((each) => each.at(-1) as StepOutput);
    // Whoever asked for the outputs is told of an error; it is nobody's a second time.
    this.last.catch(() => undefined);
    return outputs;
  }

  /** A stream that remembers what this one does, and goes its own way from here. */
  fork(): Stream {
    this.pool.settle(this);
    const copy = new Stream(this.pool, this.pool.carries.copy(this.row));
    copy.steps = this.steps;
    copy.last = this.last;
    copy.lastItem = this.lastItem;
    return copy;
  }

  /** Forgets all; holds no buffer then. */
  reset(): void {
    this.pool.settle(this);
    this.pool.carries.release(this.row);
    this.steps = 0;
    this.last = null;
    this.lastItem = null;
  }
}
