import { disposeTree, keep, scope, shareTree } from '@tempograd/core';
import type { AnyInput } from '../model/ModelInput.js';
import type { AnySequenceModel, SequenceModelCarry, SequenceModelParams } from '../model/sequenceModel.js';

/** Carries side by side, one a row. */
interface Block {
  readonly carry: SequenceModelCarry;
  readonly height: number;
  readonly rows: Set<CarryRow>;
}

/** Where a stream's carry is: a row of a block, or nowhere yet, at its start. Several streams may share a row until they step. */
export interface CarryRow {
  block: Block | null;
  index: number;
}

/**
 * The carries of many streams, kept joined as they last stepped: streams that step together again cost no joining. Owns the
 * buffers; a block lives as long as a stream has a row in it.
 */
export class JoinedCarries {
  readonly #model: AnySequenceModel;
  readonly #params: SequenceModelParams<AnyInput>;
  /** Blocks that have lost rows since they were looked at. */
  readonly #thinned = new Set<Block>();

  constructor(model: AnySequenceModel, params: SequenceModelParams<AnyInput>) {
    this.#model = model;
    this.#params = params;
  }

  /** The order of streams in which those that stepped together lie as they did then. */
  static inOrder<T extends { readonly row: CarryRow }>(streams: readonly T[]): T[] {
    const groups = new Map<Block | null, T[]>();
    for (const stream of streams) {
      const group = groups.get(stream.row.block);
      if (group === undefined) groups.set(stream.row.block, [stream]);
      else group.push(stream);
    }
    return [...groups.values()].flatMap((group) => group.sort((a, b) => a.row.index - b.row.index));
  }

  /** The carry of these rows, in an order as `inOrder` gives. Belongs to the caller's scope. */
  join(rows: readonly CarryRow[]): SequenceModelCarry {
    const parts: SequenceModelCarry[] = [];
    for (let from = 0; from < rows.length;) {
      const { block } = rows[from] as CarryRow;
      let to = from + 1;
      while (to < rows.length && rows[to]?.block === block) to++;
      const numbers = rows.slice(from, to).map(({ index }) => index);
      if (block === null) parts.push(this.#model.initialCarry(this.#params, to - from));
      else if (numbers.length === block.height && numbers.every((row, index) => row === index)) parts.push(block.carry);
      else parts.push(this.#model.takeRows(block.carry, numbers));
      from = to;
    }
    return parts.length === 1 ? (parts[0] as SequenceModelCarry) : this.#model.joinCarries(parts);
  }

  /** Gives rows the carry after a step, of which they become the rows in this order; it is shared, and its caller's still. */
  replace(rows: readonly CarryRow[], after: SequenceModelCarry): void {
    const block: Block = { carry: shareTree(after), height: rows.length, rows: new Set(rows) };
    rows.forEach((row, index) => {
      this.#leave(row);
      row.block = block;
      row.index = index;
    });
    this.#tidy();
  }

  /** A row with the same carry. */
  copy({ block, index }: CarryRow): CarryRow {
    const row: CarryRow = { block, index };
    block?.rows.add(row);
    return row;
  }

  /** Puts a row back to its start. */
  release(row: CarryRow): void {
    this.#leave(row);
    row.block = null;
    row.index = 0;
  }

  #leave(row: CarryRow): void {
    const { block } = row;
    if (block === null) return;
    block.rows.delete(row);
    if (block.rows.size > 0) this.#thinned.add(block);
    else {
      this.#thinned.delete(block);
      disposeTree(block.carry);
    }
  }

  /** Copies what is left of blocks that few rows are left of, so that one stream at rest does not hold the memory of a thousand. */
  #tidy(): void {
    for (const block of this.#thinned) {
      if (2 * block.rows.size > block.height) continue;
      const rows = [...block.rows];
      const numbers = rows.map(({ index }) => index);
      const carry = keep(scope(() => this.#model.takeRows(block.carry, numbers)));
      const smaller: Block = { carry, height: rows.length, rows: new Set(rows) };
      rows.forEach((row, index) => {
        row.block = smaller;
        row.index = index;
      });
      disposeTree(block.carry);
    }
    this.#thinned.clear();
  }
}
