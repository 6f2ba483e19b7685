import { madd, nmadd } from '../math/madd';
import { sigmoid4 } from '../math/sigmoid';
import { tanh4 } from '../math/tanh';
import { put, take } from '../task/lanes';
import { withoutFaded } from './faded';

/**
 * One row of a step: gates r, z, n before activation become activated ones, and make h of what h was; the n gate comes
 * without `hidden = U_n h + d_n`, which r scales.
 */
export function gruRow(gates: usize, hidden: usize, hBefore: usize, h: usize, size: i32): void {
  const block = <usize>size << 2;
  const end = <usize>(size & ~3) << 2;
  for (let at: usize = 0; at < end; at += 16) lanes(gates + at, block, hidden + at, hBefore + at, h + at, 4);
  if (size & 3) lanes(gates + end, block, hidden + end, hBefore + end, h + end, size & 3);
}

@inline
function lanes(gates: usize, block: usize, hidden: usize, hBefore: usize, h: usize, count: i32): void {
  const r = sigmoid4(take(gates, count));
  put(gates, r, count);
  const z = sigmoid4(take(gates + block, count));
  put(gates + block, z, count);
  const n = tanh4(madd(r, take(hidden, count), take(gates + 2 * block, count)));
  put(gates + 2 * block, n, count);
  put(h, madd(z, f32x4.sub(take(hBefore, count), n), n), count);
}

/**
 * One row of a step backwards: `dh` is dL/dh after the step and becomes its direct part before it, `dh ⊙ z`; `dGates` gets
 * the gradients before activation, in blocks r, z, n as h meets it, n as x meets it.
 */
export function gruRowBackward(gates: usize, hidden: usize, hBefore: usize, dh: usize, dGates: usize, size: i32): void {
  const block = <usize>size << 2;
  const end = <usize>(size & ~3) << 2;
  for (let at: usize = 0; at < end; at += 16) {
    lanesBackward(gates + at, block, hidden + at, hBefore + at, dh + at, dGates + at, 4);
  }
  if (size & 3) lanesBackward(gates + end, block, hidden + end, hBefore + end, dh + end, dGates + end, size & 3);
}

@inline
function lanesBackward(gates: usize, block: usize, hidden: usize, hBefore: usize, dh: usize, dGates: usize, count: i32): void {
  const r = take(gates, count), z = take(gates + block, count), n = take(gates + 2 * block, count);
  const one = f32x4.splat(1);
  const dHidden = withoutFaded(take(dh, count));
  const dInner = f32x4.mul(f32x4.mul(dHidden, f32x4.sub(one, z)), nmadd(n, n, one));
  const dScaled = f32x4.mul(dInner, r);
  put(dGates, f32x4.mul(f32x4.mul(dScaled, take(hidden, count)), f32x4.sub(one, r)), count);
  put(dGates + block, f32x4.mul(f32x4.mul(dHidden, f32x4.sub(take(hBefore, count), n)), nmadd(z, z, z)), count);
  put(dGates + 2 * block, dScaled, count);
  put(dGates + 3 * block, dInner, count);
  put(dh, f32x4.mul(dHidden, z), count);
}
