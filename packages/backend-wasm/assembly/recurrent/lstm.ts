import { madd, nmadd } from '../math/madd';
import { tanh4 } from '../math/tanh';
import { lanesLeft, pairsOf, product, put, putBoth, putPair, take, takeSecond } from '../task/lanes';
import { sigmoidRun, tanhRun } from './activate';
import { withoutFaded } from './faded';

/**
 * Some units of a row of a step, the gates `block` bytes apart: the states' share of the gates becomes activated ones, with the inputs'
 * share and the bias, and these make c and h of what c was.
 */
export function lstmRow(
  gates: usize, block: usize, input: usize, bias: usize, cBefore: usize, c: usize, h: usize, units: i32,
): void {
  const open = gates + 3 * block, bytes = <usize>units << 2, pairs = pairsOf(units);
  sigmoidRun(gates, input, bias, units);
  sigmoidRun(gates + block, input + block, bias + block, units);
  tanhRun(gates + 2 * block, input + 2 * block, bias + 2 * block, units);
  sigmoidRun(open, input + 3 * block, bias + 3 * block, units);
  let at: usize = 0;
  for (; at < pairs; at += 32) {
    const cell = cellOf(gates + at, block, cBefore + at, 4), cell2 = cellOf(gates + at + 16, block, cBefore + at + 16, 4);
    putPair(c + at, cell, cell2);
    putPair(h + at, f32x4.mul(v128.load(open + at), tanh4(cell)), f32x4.mul(v128.load(open + at, 16), tanh4(cell2)));
  }
  for (; at < bytes; at += 16) {
    const count = lanesLeft(at, bytes);
    const cell = cellOf(gates + at, block, cBefore + at, count);
    put(c + at, cell, count);
    put(h + at, f32x4.mul(take(open + at, count), tanh4(cell)), count);
  }
}

/** `c = f ⊙ c + i ⊙ g`, of activated gates. */
@inline
function cellOf(gates: usize, block: usize, cBefore: usize, count: i32): v128 {
  const input = f32x4.mul(take(gates, count), take(gates + 2 * block, count));
  return madd(take(gates + block, count), take(cBefore, count), input);
}

/** What o is kept above where h is divided by it: h is 0 before o is this small. */
const leastOpen: f32 = 1e-37;

/**
 * Some units of a row of a step backwards: `dh` and `dc` are dL/dh and dL/dc after the step; `dGates` gets the gates' gradients before
 * activation, `dc` what it was before the step, and `dh` 0, for all of h's part comes through the gates. `tanh c` is `h / o`.
 */
export function lstmRowBackward(gates: usize, block: usize, cBefore: usize, h: usize, dh: usize, dc: usize, dGates: usize, units: i32): void {
  const pairs = pairsOf(units), whole = <usize>(units & ~3) << 2;
  let at: usize = 0;
  // Other engines would run out of registers.
  if (TILE_ROWS == 4) {
    for (; at < pairs; at += 32) lanesBackward(gates + at, block, cBefore + at, h + at, dh + at, dc + at, dGates + at, 4, true);
  }
  for (; at < whole; at += 16) lanesBackward(gates + at, block, cBefore + at, h + at, dh + at, dc + at, dGates + at, 4, false);
  if (units & 3) lanesBackward(gates + at, block, cBefore + at, h + at, dh + at, dc + at, dGates + at, units & 3, false);
}

@inline
function lanesBackward(
  gates: usize, block: usize, cBefore: usize, h: usize, dh: usize, dc: usize, dGates: usize, count: i32, two: bool,
): void {
  const i = take(gates, count), i2 = takeSecond(gates, two), f = take(gates + block, count), f2 = takeSecond(gates + block, two);
  const g = take(gates + 2 * block, count), g2 = takeSecond(gates + 2 * block, two);
  const o = take(gates + 3 * block, count), o2 = takeSecond(gates + 3 * block, two);
  const c = take(cBefore, count), c2 = takeSecond(cBefore, two);
  const state = take(h, count), state2 = takeSecond(h, two);
  const dHidden = take(dh, count), dHidden2 = takeSecond(dh, two), dLater = take(dc, count), dLater2 = takeSecond(dc, two);
  const one = f32x4.splat(1), least = f32x4.splat(leastOpen);
  const squashed = f32x4.div(state, f32x4.pmax(o, least)), squashed2 = f32x4.div(state2, f32x4.pmax(o2, least));
  const dOpen = f32x4.mul(withoutFaded(dHidden), o), dOpen2 = f32x4.mul(withoutFaded(dHidden2), o2);
  const d = madd(dOpen, nmadd(squashed, squashed, one), withoutFaded(dLater));
  const d2 = madd(dOpen2, nmadd(squashed2, squashed2, one), withoutFaded(dLater2));
  putBoth(dGates, product(d, g, nmadd(i, i, i)), product(d2, g2, nmadd(i2, i2, i2)), count, two);
  putBoth(dGates + block, product(d, c, nmadd(f, f, f)), product(d2, c2, nmadd(f2, f2, f2)), count, two);
  putBoth(dGates + 2 * block, product(d, i, nmadd(g, g, one)), product(d2, i2, nmadd(g2, g2, one)), count, two);
  putBoth(dGates + 3 * block, product(dOpen, squashed, f32x4.sub(one, o)), product(dOpen2, squashed2, f32x4.sub(one, o2)), count, two);
  putBoth(dc, f32x4.mul(d, f), f32x4.mul(d2, f2), count, two);
  putBoth(dh, f32x4.splat(0), f32x4.splat(0), count, two);
}
