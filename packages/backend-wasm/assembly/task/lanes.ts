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
