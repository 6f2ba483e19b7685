import { madd, nmadd } from '../math/madd';
import { sigmoid4 } from '../math/sigmoid';
import { tanh4 } from '../math/tanh';
import { put, take } from '../task/lanes';
import { withoutFaded } from './faded';

/** One row of a step: gates before activation become activated ones, and make c and h of what c was. */
export function lstmRow(gates: usize, cBefore: usize, c: usize, h: usize, size: i32): void {
  const block = <usize>size << 2;
  const end = <usize>(size & ~3) << 2;
  for (let at: usize = 0; at < end; at += 16) lanes(gates + at, block, cBefore + at, c + at, h + at, 4);
  if (size & 3) lanes(gates + end, block, cBefore + end, c + end, h + end, size & 3);
}

@inline
function lanes(gates: usize, block: usize, cBefore: usize, c: usize, h: usize, count: i32): void {
  const i = sigmoid4(take(gates, count));
  put(gates, i, count);
  const f = sigmoid4(take(gates + block, count));
  put(gates + block, f, count);
  const g = tanh4(take(gates + 2 * block, count));
  put(gates + 2 * block, g, count);
  const o = sigmoid4(take(gates + 3 * block, count));
  put(gates + 3 * block, o, count);
  const cell = madd(f, take(cBefore, count), f32x4.mul(i, g));
  put(c, cell, count);
  put(h, f32x4.mul(o, tanh4(cell)), count);
}

/** What o is kept above where h is divided by it: h is 0 before o is this small. */
const leastOpen: f32 = 1e-37;

/**
 * One row of a step backwards: `dh` and `dc` are dL/dh and dL/dc after the step; `dGates` gets the gates' gradients before
 * activation, `dc` what it was before the step, and `dh` 0, for all of h's part comes through the gates. `tanh c` is `h / o`.
 */
export function lstmRowBackward(gates: usize, cBefore: usize, h: usize, dh: usize, dc: usize, dGates: usize, size: i32): void {
  const block = <usize>size << 2;
  const end = <usize>(size & ~3) << 2;
  for (let at: usize = 0; at < end; at += 16) {
    lanesBackward(gates + at, block, cBefore + at, h + at, dh + at, dc + at, dGates + at, 4);
  }
  if (size & 3) lanesBackward(gates + end, block, cBefore + end, h + end, dh + end, dc + end, dGates + end, size & 3);
}

@inline
function lanesBackward(
  gates: usize, block: usize, cBefore: usize, h: usize, dh: usize, dc: usize, dGates: usize, count: i32,
): void {
  const i = take(gates, count), f = take(gates + block, count);
  const g = take(gates + 2 * block, count), o = take(gates + 3 * block, count);
  const one = f32x4.splat(1);
  const squashed = f32x4.div(take(h, count), f32x4.pmax(o, f32x4.splat(leastOpen)));
  const dHidden = withoutFaded(take(dh, count));
  const dOpen = f32x4.mul(dHidden, o);
  const dCell = madd(dOpen, nmadd(squashed, squashed, one), withoutFaded(take(dc, count)));
  put(dGates, f32x4.mul(f32x4.mul(dCell, g), nmadd(i, i, i)), count);
  put(dGates + block, f32x4.mul(f32x4.mul(dCell, take(cBefore, count)), nmadd(f, f, f)), count);
  put(dGates + 2 * block, f32x4.mul(f32x4.mul(dCell, i), nmadd(g, g, one)), count);
  put(dGates + 3 * block, f32x4.mul(f32x4.mul(dOpen, squashed), f32x4.sub(one, o)), count);
  put(dc, f32x4.mul(dCell, f), count);
  put(dh, f32x4.splat(0), count);
}
