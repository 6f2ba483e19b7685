/** A sequence of numbers that can be read from any of them on, so that none of it need be held in memory. */
export interface RandomAccessItems {
  readonly length: number;
  /** Tells the items from others of the same length; null, or left out, where that is not known. */
  readonly fingerprint?: string | null;
  /** The items from `from` up to, but without, `to`; both lie in the sequence. */
  read(from: number, to: number): Promise<Int32Array>;
}

/** A part of a sequence, itself a sequence. */
export function sliceItems(items: RandomAccessItems, from: number, to: number = items.length): RandomAccessItems {
  const begin = Math.max(0, Math.min(from, items.length));
  const end = Math.max(begin, Math.min(to, items.length));
  return {
    length: end - begin,
    get fingerprint() {
      const { fingerprint = null } = items;
      return fingerprint === null ? null : `${fingerprint} ${begin}-${end}`;
    },
    read: (first, last) => items.read(begin + first, begin + last),
  };
}
