/** One word of static memory, which all instances on the same memory share: whether tiles of six rows are used. */
const flag: usize = memory.data(4, 4);

/**
 * Chooses tiles of six rows, or of four. Six are a tenth faster where the engine keeps their fifteen vectors in registers, and
 * a third slower where it does not; which of them, only the loader can know. No result depends on it.
 */
export function setWideTiles(wide: bool): void {
  store<i32>(flag, wide ? 1 : 0);
}

/** How many of `rows` rows go into tiles of six; tiles of four take the others. */
// @ts-ignore: decorator
@inline
export function rowsInWideTiles(rows: i32): i32 {
  if (!ASC_FEATURE_RELAXED_SIMD || load<i32>(flag) == 0) return 0;
  const tiles = rows / 6, left = rows - tiles * 6;
  // Left over, one, two or five rows waste less as tiles of four when they take the last six along.
  return (left == 1 || left == 2 || left == 5 ? max(tiles - 1, 0) : tiles) * 6;
}
