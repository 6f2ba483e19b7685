// What each function of two operands does to four lanes. `op` is a constant wherever this is used, so one branch remains.

/** The functions of two operands; those of i32 stand apart. */
export const enum Binary {
  ADD,
  SUB,
  MUL,
  DIV,
  MAXIMUM,
  MINIMUM,
  POW,
  EQUAL,
  LESS,
  LESS_EQUAL,
  ADD_I32,
  SUB_I32,
  MUL_I32,
  MAXIMUM_I32,
  MINIMUM_I32,
  EQUAL_I32,
  LESS_I32,
  LESS_EQUAL_I32,
}

@inline
export function combine(op: Binary, a: v128, b: v128): v128 {
  if (op == Binary.ADD) return f32x4.add(a, b);
  if (op == Binary.SUB) return f32x4.sub(a, b);
  if (op == Binary.MUL) return f32x4.mul(a, b);
  if (op == Binary.DIV) return f32x4.div(a, b);
  if (op == Binary.MAXIMUM) return f32x4.max(a, b);
  if (op == Binary.MINIMUM) return f32x4.min(a, b);
  if (op == Binary.POW) return powLanes(a, b);
  if (op == Binary.EQUAL) return i32x4.neg(f32x4.eq(a, b));
  if (op == Binary.LESS) return i32x4.neg(f32x4.lt(a, b));
  if (op == Binary.LESS_EQUAL) return i32x4.neg(f32x4.le(a, b));
  if (op == Binary.ADD_I32) return i32x4.add(a, b);
  if (op == Binary.SUB_I32) return i32x4.sub(a, b);
  if (op == Binary.MUL_I32) return i32x4.mul(a, b);
  if (op == Binary.MAXIMUM_I32) return i32x4.max_s(a, b);
  if (op == Binary.MINIMUM_I32) return i32x4.min_s(a, b);
  if (op == Binary.EQUAL_I32) return i32x4.neg(i32x4.eq(a, b));
  if (op == Binary.LESS_I32) return i32x4.neg(i32x4.lt_s(a, b));
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
