// Functions of one operand: `out[i] = f(x[i])`.
//
// words: 0 x, 1 out, 2 elements

import { exp4 } from '../math/exp';
import { log1p4, log4 } from '../math/log';
import { sigmoid4 } from '../math/sigmoid';
import { tanh4 } from '../math/tanh';
import { cos4, sin4 } from '../math/trig';
import { loadPart, pairsOf, putPair, storePart } from '../task/lanes';
import { elementOf, pointer, word } from '../task/part';

/** The functions of one operand; those of i32 stand apart. */
export const enum Unary {
  NEG,
  ABS,
  SIGN,
  FLOOR,
  EXP,
  LOG,
  LOG1P,
  SQRT,
  SIN,
  COS,
  TANH,
  SIGMOID,
  RELU,
  NEG_I32,
  ABS_I32,
  SIGN_I32,
  RELU_I32,
  TO_I32,
  TO_F32,
}

/** What each function does to four lanes. `op` is a constant wherever this is used, so one branch remains. */
@inline
function apply(op: Unary, x: v128): v128 {
  if (op == Unary.NEG) return f32x4.neg(x);
  if (op == Unary.ABS) return f32x4.abs(x);
  if (op == Unary.SIGN) return signOf(x);
  if (op == Unary.FLOOR) return f32x4.floor(x);
  if (op == Unary.EXP) return exp4(x);
  if (op == Unary.LOG) return log4(x);
  if (op == Unary.LOG1P) return log1p4(x);
  if (op == Unary.SQRT) return f32x4.sqrt(x);
  if (op == Unary.SIN) return sin4(x);
  if (op == Unary.COS) return cos4(x);
  if (op == Unary.TANH) return tanh4(x);
  if (op == Unary.SIGMOID) return sigmoid4(x);
  if (op == Unary.RELU) return f32x4.max(x, f32x4.splat(0));
  if (op == Unary.NEG_I32) return i32x4.neg(x);
  if (op == Unary.ABS_I32) return i32x4.abs(x);
  if (op == Unary.SIGN_I32) return v128.or(i32x4.shr_s(x, 31), i32x4.shr_u(i32x4.neg(x), 31));
  if (op == Unary.RELU_I32) return i32x4.max_s(x, i32x4.splat(0));
  if (op == Unary.TO_I32) return i32x4.trunc_sat_f32x4_s(x);
  return f32x4.convert_i32x4_s(x);
}

/** ±1 with the sign of x; zeros and NaN as they are. */
@inline
function signOf(x: v128): v128 {
  const zero = f32x4.splat(0);
  const one = v128.or(f32x4.splat(1), v128.and(x, f32x4.splat(-0.0)));
  return v128.bitselect(one, x, v128.or(f32x4.gt(x, zero), f32x4.lt(x, zero)));
}

@inline
export function unary(op: Unary, args: usize, part: i32, parts: i32): void {
  const begin = elementOf(word(args, 2), part, parts);
  const count = elementOf(word(args, 2), part + 1, parts) - begin;
  let x = pointer(args, 0) + ((<usize>begin) << 2);
  let out = pointer(args, 1) + ((<usize>begin) << 2);
  const pairs = out + pairsOf(count), end = out + ((<usize>count & ~3) << 2);
  for (; out < pairs; out += 32, x += 32) putPair(out, apply(op, v128.load(x)), apply(op, v128.load(x, 16)));
  if (out < end) {
    v128.store(out, apply(op, v128.load(x)));
    out += 16;
    x += 16;
  }
  if (count & 3) storePart(out, apply(op, loadPart(x, count & 3)), count & 3);
}
