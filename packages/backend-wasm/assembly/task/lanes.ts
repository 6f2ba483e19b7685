// Four 32-bit lanes at a time, and the one to three that are left at the end of a run.

/** Loads `count` (1 to 3) lanes; the others are 0. */
@inline
export function loadPart(at: usize, count: i32): v128 {
  let lanes = v128.load32_zero(at);
  if (count > 1) lanes = v128.load_lane<i32>(at + 4, lanes, 1);
  if (count > 2) lanes = v128.load_lane<i32>(at + 8, lanes, 2);
  return lanes;
}

/** Stores the first `count` (1 to 3) lanes. */
@inline
export function storePart(at: usize, lanes: v128, count: i32): void {
  v128.store_lane<i32>(at, lanes, 0);
  if (count > 1) v128.store_lane<i32>(at + 4, lanes, 1);
  if (count > 2) v128.store_lane<i32>(at + 8, lanes, 2);
}

/** A mask with the first `count` (0 to 4) lanes set. */
@inline
export function firstLanes(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

/** The lanes, those nearer to 0 than `least` made 0; NaN stays NaN. */
@inline
export function withoutBelow(least: f32, x: v128): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), f32x4.splat(least)));
}

/** Sum of the four lanes, in pairs. */
@inline
export function addLanes(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 2) + (f32x4.extract_lane(x, 1) + f32x4.extract_lane(x, 3))
  );
}

/** Loads `count` (1 to 4) lanes; the others are 0. */
@inline
export function take(at: usize, count: i32): v128 {
  return count == 4 ? v128.load(at) : loadPart(at, count);
}

/** Stores the first `count` (1 to 4) lanes. */
@inline
export function put(at: usize, lanes: v128, count: i32): void {
  if (count == 4) v128.store(at, lanes);
  else storePart(at, lanes, count);
}

// Two vectors at a time, eight lanes that lie beside each other. An engine that joins vectors takes them as one where both are loaded
// before either is stored, and stored side by side; to other engines they are two chains to work on at once.

/** Bytes of the pairs of vectors that `count` lanes begin with. */
@inline
export function pairsOf(count: i32): usize {
  return <usize>(count & ~7) << 2;
}

/** Lanes of the vector at byte `at` of a run of `bytes` bytes: 4, or what is left. */
@inline
export function lanesLeft(at: usize, bytes: usize): i32 {
  return min(4, <i32>(bytes - at) >> 2);
}

/** The second vector of a pair, where there are `two`. */
@inline
export function takeSecond(at: usize, two: bool): v128 {
  return two ? v128.load(at, 16) : f32x4.splat(0);
}

@inline
export function putPair(at: usize, first: v128, second: v128): void {
  v128.store(at, first);
  v128.store(at, second, 16);
}

/** Stores a pair where there are `two`, else `count` lanes of the first. */
@inline
export function putBoth(at: usize, first: v128, second: v128, count: i32, two: bool): void {
  if (two) putPair(at, first, second);
  else put(at, first, count);
}

/** `a ⊙ b ⊙ c`, from the left. */
@inline
export function product(a: v128, b: v128, c: v128): v128 {
  return f32x4.mul(f32x4.mul(a, b), c);
}
