import { madd, nmadd } from '../math/madd';
import { tanh4 } from '../math/tanh';
import { lanesLeft, pairsOf, product, put, putBoth, putPair, take, takeSecond } from '../task/lanes';
import { sigmoidRun } from './activate';
import { withoutFaded } from './faded';

/**
 * Some units of a row of a step, the gates `block` bytes apart: the state's share of gates r and z becomes activated gates r, z, n, with
 * the input's share and the bias, and these make h of what h was; the state's share of n is `hidden = U_n h + d_n`, which r scales.
 */
export function gruRow(
  gates: usize, block: usize, input: usize, bias: usize, hidden: usize, hBefore: usize, h: usize, units: i32,
): void {
  const update = gates + block, inner = update + block, bytes = <usize>units << 2, pairs = pairsOf(units);
  sigmoidRun(gates, input, bias, units);
  sigmoidRun(update, input + block, bias + block, units);
  input += 2 * block;
  bias += 2 * block;
  let at: usize = 0;
  for (; at < pairs; at += 32) {
    const n = innerOf(gates + at, hidden + at, input + at, bias + at, 4);
    const n2 = innerOf(gates + at + 16, hidden + at + 16, input + at + 16, bias + at + 16, 4);
    putPair(inner + at, n, n2);
    putPair(h + at, stateOf(update + at, hBefore + at, n, 4), stateOf(update + at + 16, hBefore + at + 16, n2, 4));
  }
  for (; at < bytes; at += 16) {
    const count = lanesLeft(at, bytes);
    const n = innerOf(gates + at, hidden + at, input + at, bias + at, count);
    put(inner + at, n, count);
    put(h + at, stateOf(update + at, hBefore + at, n, count), count);
  }
}

/** `n = tanh(input + bias + r ⊙ hidden)`, of activated r. */
@inline
function innerOf(reset: usize, hidden: usize, input: usize, bias: usize, count: i32): v128 {
  return tanh4(madd(take(reset, count), take(hidden, count), f32x4.add(take(input, count), take(bias, count))));
}

/** `h = n + z ⊙ (h − n)`, of activated z. */
@inline
function stateOf(update: usize, hBefore: usize, n: v128, count: i32): v128 {
  return madd(take(update, count), f32x4.sub(take(hBefore, count), n), n);
}

/**
 * Some units of a row of a step backwards: `dh` is dL/dh after the step and becomes its direct part before it, `dh ⊙ z`; `dGates` gets
 * the gradients before activation, in blocks r, z, n as h meets it, n as x meets it.
 */
export function gruRowBackward(gates: usize, block: usize, hidden: usize, hBefore: usize, dh: usize, dGates: usize, units: i32): void {
  const bytes = <usize>units << 2, pairs = pairsOf(units);
  let at: usize = 0;
  for (; at < pairs; at += 32) lanesBackward(gates + at, block, hidden + at, hBefore + at, dh + at, dGates + at, 4, true);
  for (; at < bytes; at += 16) {
    lanesBackward(gates + at, block, hidden + at, hBefore + at, dh + at, dGates + at, lanesLeft(at, bytes), false);
  }
}

@inline
function lanesBackward(
  gates: usize, block: usize, hidden: usize, hBefore: usize, dh: usize, dGates: usize, count: i32, two: bool,
): void {
  const r = take(gates, count), r2 = takeSecond(gates, two), z = take(gates + block, count), z2 = takeSecond(gates + block, two);
  const n = take(gates + 2 * block, count), n2 = takeSecond(gates + 2 * block, two);
  const share = take(hidden, count), share2 = takeSecond(hidden, two), before = take(hBefore, count), before2 = takeSecond(hBefore, two);
  const d = withoutFaded(take(dh, count)), d2 = withoutFaded(takeSecond(dh, two));
  const one = f32x4.splat(1);
  const dInner = product(d, f32x4.sub(one, z), nmadd(n, n, one)), dInner2 = product(d2, f32x4.sub(one, z2), nmadd(n2, n2, one));
  const dScaled = f32x4.mul(dInner, r), dScaled2 = f32x4.mul(dInner2, r2);
  putBoth(dGates, product(dScaled, share, f32x4.sub(one, r)), product(dScaled2, share2, f32x4.sub(one, r2)), count, two);
  const dUpdate = product(d, f32x4.sub(before, n), nmadd(z, z, z));
  putBoth(dGates + block, dUpdate, product(d2, f32x4.sub(before2, n2), nmadd(z2, z2, z2)), count, two);
  putBoth(dGates + 2 * block, dScaled, dScaled2, count, two);
  putBoth(dGates + 3 * block, dInner, dInner2, count, two);
  putBoth(dh, f32x4.mul(d, z), f32x4.mul(d2, z2), count, two);
}
