import { ArgumentError } from '../backend/errors.js';
import type { CreditMatrix } from './creditMatrix.js';
import type { StepAgain } from './stepAgain.js';

/** What is kept of a loss at a step. */
interface Entry {
  /** What the cotangent was divided by before it was pulled back through this step. */
  readonly scale: number;
  /** Norm of the gradient of what was left. */
  readonly norm: number;
  /** Whether the cotangent is of the output, the loss being the step's own; else it is of the carry. */
  readonly isOwn: boolean;
  /** The cotangent before it was divided, by leaf; null where it is not kept, and where a leaf has none. */
  readonly numbers: readonly (Float64Array | null)[];
  /** The gradient of what was left; null where it is not kept. */
  readonly vector: Float64Array | null;
}

interface Cell extends Entry {
  /** What all cotangents up to this step were divided by, and up to the step before it on the way back. */
  readonly scaled: number;
  readonly before: number;
}

/** A credit matrix while it is made: entries are added for each loss from its own step on back. */
export class CreditTable {
  #time: number;
  #size: number;
  #losses: Float64Array;
  /** By loss and leaf of the parameters; null where all is 0. */
  #readout: (readonly (Float64Array | null)[])[] = [];
  #sizes: readonly number[];
  #cells: (Cell | null)[][];
  #steps: StepAgain[] = [];

  /** Sizes of the leaves of the parameters. */
  constructor(time: number, sizes: readonly number[]) {
    this.#time = time;
    this.#sizes = sizes;
    this.#size = sizes.reduce((total, size) => total + size, 0);
    this.#losses = new Float64Array(time);
    // Rows are filled from their end: one that is made whole first is no sparse array.
    this.#cells = Array.from({ length: time }, (_, s) => new Array<Cell | null>(s + 1).fill(null));
  }

  /** A loss, and its gradient of the parameters by leaf, null where it does not use them itself. */
  addLoss(step: number, loss: number, gradient: readonly (Float64Array | null)[]): void {
    this.#losses[step] = loss;
    this.#readout[step] = gradient;
  }

  /** What the loss at s says at step t, after what it says at t + 1. */
  add(s: number, t: number, entry: Entry): void {
    const row = this.#cells[s] as (Cell | null)[];
    const before = row[t + 1]?.scaled ?? 1;
    row[t] = { ...entry, before, scaled: before * entry.scale };
  }

  /** How to pull back through a step again, where vectors are not kept. */
  addStep(step: number, again: StepAgain): void {
    this.#steps[step] = again;
  }

  matrix(): CreditMatrix {
    return new TableMatrix(this, this.#time, this.#size, this.#losses, this.#steps.length > 0);
  }

  masked(mask?: readonly (readonly number[])[], counted?: readonly number[]): Float64Array {
    const total = new Float64Array(this.#size);
    for (let s = 0; s < this.#time; s++) {
      const share = counted?.[s] ?? 1;
      if (share !== 0) addScaled(total, this.readoutOf(s), share);
    }
    for (let t = 0; t < this.#time; t++) this.#addColumn(total, t, (s) => mask?.[s]?.[t] ?? 1);
    return total;
  }

  norms(): number[][] {
    return this.#cells.map((row) =>
      Array.from({ length: this.#time }, (_, t) => {
        const cell = row[t];
        return cell ? cell.scaled * cell.norm : 0;
      }),
    );
  }

  readoutOf(s: number): Float64Array {
    const vector = new Float64Array(this.#size);
    let begin = 0;
    this.#readout[s]?.forEach((numbers, leaf) => {
      if (numbers !== null) vector.set(numbers, begin);
      begin += this.#sizes[leaf] as number;
    });
    return vector;
  }

  vector(s: number, t: number): Float64Array {
    const { vector, scaled } = this.#cells[s]?.[t] ?? noCell;
    if (vector !== null) return vector.map((number) => number * scaled);
    const total = new Float64Array(this.#size);
    this.#addColumn(total, t, (other) => (other === s ? 1 : 0));
    return total;
  }

  /** Adds `Σ_s share(s)·G[s][t]`: where vectors are not kept, by one way back of the sum of all cotangents. */
  #addColumn(total: Float64Array, t: number, share: (s: number) => number): void {
    const sums: Record<'carry' | 'output', (Float64Array | null)[] | null> = { carry: null, output: null };
    for (let s = t; s < this.#time; s++) {
      const weight = share(s);
      const cell = this.#cells[s]?.[t];
      if (weight === 0 || !cell) continue;
      if (cell.vector !== null) {
        addScaled(total, cell.vector, weight * cell.scaled);
        continue;
      }
      const of = cell.isOwn ? 'output' : 'carry';
      const sum = (sums[of] ??= cell.numbers.map((leaf) => leaf && new Float64Array(leaf.length)));
      cell.numbers.forEach((leaf, index) => leaf && addScaled(sum[index] as Float64Array, leaf, weight * cell.before));
    }
    if (sums.carry === null && sums.output === null) return;
    const gradient = (this.#steps[t] as StepAgain)(sums.carry, sums.output);
    addScaled(total, gradient, 1);
  }
}

/** A matrix that looks at a table. It is no plain object: a scope that returns it does not look into it, which would ask for every vector. */
class TableMatrix implements CreditMatrix {
  readonly time: number;
  readonly size: number;
  readonly losses: Float64Array;
  readonly readout: readonly Float64Array[];
  readonly credit: readonly (readonly Float64Array[])[];
  readonly masked: CreditMatrix['masked'];
  readonly norms: CreditMatrix['norms'];

  constructor(table: CreditTable, time: number, size: number, losses: Float64Array, isLate: boolean) {
    const steps = Array.from({ length: time }, (_, step) => step);
    this.time = time;
    this.size = size;
    this.losses = losses;
    this.readout = asked(steps, isLate, (s) => table.readoutOf(s));
    this.credit = steps.map((s) => asked(steps.slice(0, s + 1), isLate, (t) => table.vector(s, t)));
    this.masked = (mask, counted) => {
      if (mask !== undefined) requireRows('mask', mask, time, 'rows of as many, as truncationMask() makes them');
      mask?.forEach((row, s) => requireRows(`row ${s} of the mask`, row, time, 'numbers'));
      if (counted !== undefined) requireRows('counted', counted, time, 'numbers, as countedLosses() makes them');
      return table.masked(mask, counted);
    };
    this.norms = () => table.norms();
  }
}

/** What is left out would count as 1. @throws ArgumentError unless it is an array of so many. */
function requireRows(what: string, given: unknown, time: number, wanted: string): void {
  if (Array.isArray(given) && given.length === time) return;
  const found = Array.isArray(given) ? `has ${given.length}` : `is ${given === null ? 'null' : `a ${typeof given}`}`;
  throw new ArgumentError(`masked: ${what} must be an array of ${time} ${wanted}, but ${found}.`);
}

const noCell = { vector: null, scaled: 0 };

/** A list whose items are computed at once, or, where they are many numbers, whenever they are asked for. */
function asked(steps: readonly number[], isLate: boolean, item: (step: number) => Float64Array): Float64Array[] {
  if (!isLate) return steps.map(item);
  const list = new Array<Float64Array>(steps.length);
  for (const step of steps) Object.defineProperty(list, step, { enumerable: true, get: () => item(step) });
  return list;
}

function addScaled(total: Float64Array, x: Float64Array, factor: number): void {
  for (let index = 0; index < total.length; index++)
    total[index] = (total[index] as number) + factor * (x[index] as number);
}
