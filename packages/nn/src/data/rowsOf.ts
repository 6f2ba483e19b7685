import { DataError } from './DataError.js';
import type { RandomAccessItems } from './RandomAccessItems.js';

/** Steps of each of `batch` rows that a sequence is cut into: as many as also have a successor to predict. */
export function rowLength(length: number, batch: number): number {
  return Math.floor((length - 1) / batch);
}

/** Rows of a sequence that is in memory. `read` gives of each row the items from its step `from` up to, but without, `to`. */
export function heldRows(items: Int32Array, batch: number): { read(from: number, to: number): readonly Int32Array[] } {
  const length = rowLength(items.length, batch);
  return {
    read(from, to) {
      const rows: Int32Array[] = [];
      for (let row = 0; row < batch; row++) rows.push(items.subarray(row * length + from, row * length + to));
      return rows;
    },
  };
}

/** Items that a row reads ahead, at least. */
const ahead = 16_384;

/** As `heldRows`, of a sequence that is not in memory; to be read forwards. Of each row a few thousand items are held. */
export function rowsOf(
  items: RandomAccessItems,
  batch: number,
): { read(from: number, to: number): Promise<readonly Int32Array[]> } {
  const length = rowLength(items.length, batch);
  const held = Array.from({ length: batch }, (): { from: number; items: Int32Array } => ({
    from: 0,
    items: new Int32Array(0),
  }));
  return {
    async read(from, to) {
      // One after another: of many rows, all at once would be too many reads under way.
      for (const [row, buffer] of held.entries()) {
        if (from >= buffer.from && to <= buffer.from + buffer.items.length) continue;
        const end = Math.min(length + 1, Math.max(to, from + ahead));
        buffer.items = await readExactly(items, row * length + from, row * length + end);
        buffer.from = from;
      }
      return held.map((buffer) => buffer.items.subarray(from - buffer.from, to - buffer.from));
    },
  };
}

async function readExactly(items: RandomAccessItems, from: number, to: number): Promise<Int32Array> {
  const read = await items.read(from, to);
  if (read instanceof Int32Array && read.length === to - from) return read;
  throw new DataError(
    `contiguousStreams: read(${from}, ${to}) of the source must give an Int32Array of ${to - from} items, but gave ` +
      `${read instanceof Int32Array ? `one of ${read.length}` : typeof read}.`,
  );
}
