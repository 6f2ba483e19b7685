// Functions of one operand: `out[i] = f(x[i])`.
//
// words: 0 x, 1 out, 2 elements

import { exp4 } from '../math/exp';
import { log1p4, log4 } from '../math/log';
import { sigmoid4 } from '../math/sigmoid';
import { tanh4 } from '../math/tanh';
import { cos4, sin4 } from '../math/trig';
import { loadPart, storePart } from '../task/lanes';
import { elementOf, pointer, word } from '../task/part';

// @ts-ignore: decorator
@inline export const NEG = 0;
// @ts-ignore: decorator
@inline export const ABS = 1;
// @ts-ignore: decorator
@inline export const SIGN = 2;
// @ts-ignore: decorator
@inline export const FLOOR = 3;
// @ts-ignore: decorator
@inline export const EXP = 4;
// @ts-ignore: decorator
@inline export const LOG = 5;
// @ts-ignore: decorator
@inline export const LOG1P = 6;
// @ts-ignore: decorator
@inline export const SQRT = 7;
// @ts-ignore: decorator
@inline export const SIN = 8;
// @ts-ignore: decorator
@inline export const COS = 9;
// @ts-ignore: decorator
@inline export const TANH = 10;
// @ts-ignore: decorator
@inline export const SIGMOID = 11;
// @ts-ignore: decorator
@inline export const RELU = 12;
// @ts-ignore: decorator
@inline export const NEG_I32 = 13;
// @ts-ignore: decorator
@inline export const ABS_I32 = 14;
// @ts-ignore: decorator
@inline export const SIGN_I32 = 15;
// @ts-ignore: decorator
@inline export const RELU_I32 = 16;
// @ts-ignore: decorator
@inline export const TO_I32 = 17;
// @ts-ignore: decorator
@inline export const TO_F32 = 18;

/** What each function does to four lanes. `op` is a constant wherever this is used, so one branch remains. */
// @ts-ignore: decorator
@inline
function apply(op: i32, x: v128): v128 {
  if (op == NEG) return f32x4.neg(x);
  if (op == ABS) return f32x4.abs(x);
  if (op == SIGN) return signOf(x);
  if (op == FLOOR) return f32x4.floor(x);
  if (op == EXP) return exp4(x);
  if (op == LOG) return log4(x);
  if (op == LOG1P) return log1p4(x);
  if (op == SQRT) return f32x4.sqrt(x);
  if (op == SIN) return sin4(x);
  if (op == COS) return cos4(x);
  if (op == TANH) return tanh4(x);
  if (op == SIGMOID) return sigmoid4(x);
  if (op == RELU) return f32x4.max(x, f32x4.splat(0));
  if (op == NEG_I32) return i32x4.neg(x);
  if (op == ABS_I32) return i32x4.abs(x);
  if (op == SIGN_I32) return v128.or(i32x4.shr_s(x, 31), i32x4.shr_u(i32x4.neg(x), 31));
  if (op == RELU_I32) return i32x4.max_s(x, i32x4.splat(0));
  if (op == TO_I32) return i32x4.trunc_sat_f32x4_s(x);
  return f32x4.convert_i32x4_s(x);
}

/** ±1 with the sign of x; zeros and NaN as they are. */
// @ts-ignore: decorator
@inline
function signOf(x: v128): v128 {
  const zero = f32x4.splat(0);
  const one = v128.or(f32x4.splat(1), v128.and(x, f32x4.splat(-0.0)));
  return v128.bitselect(one, x, v128.or(f32x4.gt(x, zero), f32x4.lt(x, zero)));
}

// @ts-ignore: decorator
@inline
export function unary(op: i32, args: usize, part: i32, parts: i32): void {
  const begin = elementOf(word(args, 2), part, parts);
  const count = elementOf(word(args, 2), part + 1, parts) - begin;
  let x = pointer(args, 0) + ((<usize>begin) << 2);
  let out = pointer(args, 1) + ((<usize>begin) << 2);
  const last = out + ((<usize>count & ~3) << 2);
  for (; out < last; out += 16, x += 16) v128.store(out, apply(op, v128.load(x)));
  if (count & 3) storePart(out, apply(op, loadPart(x, count & 3)), count & 3);
}
