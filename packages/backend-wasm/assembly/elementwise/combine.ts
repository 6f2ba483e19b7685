// What each function of two operands does to four lanes. `op` is a constant wherever this is used, so one branch remains.

// @ts-ignore: decorator
@inline export const ADD = 0;
// @ts-ignore: decorator
@inline export const SUB = 1;
// @ts-ignore: decorator
@inline export const MUL = 2;
// @ts-ignore: decorator
@inline export const DIV = 3;
// @ts-ignore: decorator
@inline export const MAXIMUM = 4;
// @ts-ignore: decorator
@inline export const MINIMUM = 5;
// @ts-ignore: decorator
@inline export const POW = 6;
// @ts-ignore: decorator
@inline export const EQUAL = 7;
// @ts-ignore: decorator
@inline export const LESS = 8;
// @ts-ignore: decorator
@inline export const LESS_EQUAL = 9;
// @ts-ignore: decorator
@inline export const ADD_I32 = 10;
// @ts-ignore: decorator
@inline export const SUB_I32 = 11;
// @ts-ignore: decorator
@inline export const MUL_I32 = 12;
// @ts-ignore: decorator
@inline export const MAXIMUM_I32 = 13;
// @ts-ignore: decorator
@inline export const MINIMUM_I32 = 14;
// @ts-ignore: decorator
@inline export const EQUAL_I32 = 15;
// @ts-ignore: decorator
@inline export const LESS_I32 = 16;
// @ts-ignore: decorator
@inline export const LESS_EQUAL_I32 = 17;

// @ts-ignore: decorator
@inline
export function combine(op: i32, a: v128, b: v128): v128 {
  if (op == ADD) return f32x4.add(a, b);
  if (op == SUB) return f32x4.sub(a, b);
  if (op == MUL) return f32x4.mul(a, b);
  if (op == DIV) return f32x4.div(a, b);
  if (op == MAXIMUM) return f32x4.max(a, b);
  if (op == MINIMUM) return f32x4.min(a, b);
  if (op == POW) return powLanes(a, b);
  if (op == EQUAL) return i32x4.neg(f32x4.eq(a, b));
  if (op == LESS) return i32x4.neg(f32x4.lt(a, b));
  if (op == LESS_EQUAL) return i32x4.neg(f32x4.le(a, b));
  if (op == ADD_I32) return i32x4.add(a, b);
  if (op == SUB_I32) return i32x4.sub(a, b);
  if (op == MUL_I32) return i32x4.mul(a, b);
  if (op == MAXIMUM_I32) return i32x4.max_s(a, b);
  if (op == MINIMUM_I32) return i32x4.min_s(a, b);
  if (op == EQUAL_I32) return i32x4.neg(i32x4.eq(a, b));
  if (op == LESS_I32) return i32x4.neg(i32x4.lt_s(a, b));
  return i32x4.neg(i32x4.le_s(a, b));
}

function powLanes(a: v128, b: v128): v128 {
  return f32x4(
    powOf(f32x4.extract_lane(a, 0), f32x4.extract_lane(b, 0)),
    powOf(f32x4.extract_lane(a, 1), f32x4.extract_lane(b, 1)),
    powOf(f32x4.extract_lane(a, 2), f32x4.extract_lane(b, 2)),
    powOf(f32x4.extract_lane(a, 3), f32x4.extract_lane(b, 3)),
  );
}

/** As `Math.pow`: 1 to the power of NaN or infinity is NaN, unlike in C. */
function powOf(x: f32, y: f32): f32 {
  if (y != y || (abs(x) == 1 && abs(y) == Infinity)) return NaN;
  return Mathf.pow(x, y);
}
