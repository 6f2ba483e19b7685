import { nmadd } from '../math/madd';
import { tanh4 } from '../math/tanh';
import { put, take } from '../task/lanes';
import { withoutFaded } from './faded';

/** One row of a step: the gate before activation becomes the activated one, which is h. */
export function rnnRow(gate: usize, h: usize, size: i32, relu: bool): void {
  const end = <usize>(size & ~3) << 2;
  for (let at: usize = 0; at < end; at += 16) lanes(gate + at, h + at, relu, 4);
  if (size & 3) lanes(gate + end, h + end, relu, size & 3);
}

@inline
function lanes(gate: usize, h: usize, relu: bool, count: i32): void {
  const before = take(gate, count);
  const active = relu ? f32x4.max(before, f32x4.splat(0)) : tanh4(before);
  put(gate, active, count);
  put(h, active, count);
}

/** One row of a step backwards: `dh` is dL/dh after the step and becomes 0; `dGate` gets the gate's gradient. */
export function rnnRowBackward(gate: usize, dh: usize, dGate: usize, size: i32, relu: bool): void {
  const end = <usize>(size & ~3) << 2;
  for (let at: usize = 0; at < end; at += 16) lanesBackward(gate + at, dh + at, dGate + at, relu, 4);
  if (size & 3) lanesBackward(gate + end, dh + end, dGate + end, relu, size & 3);
}

@inline
function lanesBackward(gate: usize, dh: usize, dGate: usize, relu: bool, count: i32): void {
  const active = take(gate, count);
  const dHidden = withoutFaded(take(dh, count));
  const d = relu
    ? v128.and(dHidden, f32x4.gt(active, f32x4.splat(0)))
    : f32x4.mul(dHidden, nmadd(active, active, f32x4.splat(1)));
  put(dGate, d, count);
  put(dh, f32x4.splat(0), count);
}
