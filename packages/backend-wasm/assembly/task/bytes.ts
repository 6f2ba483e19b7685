// Sizes of memory that is yet to be asked for. They have 64 bits: what is wanted may be more than 32 bits can address, and then
// the caller must see that, not what is left of it.

/** Bytes of `rows` rows of `columns` floats. */
@inline
export function floatBytes(rows: u64, columns: u64): u64 {
  return (rows * columns) << 2;
}

/** Bytes, rounded up to whole cache lines. */
@inline
export function lines<Bytes>(bytes: Bytes): Bytes {
  return (bytes + 63) & ~63;
}
