import { nmadd } from '../math/madd';
import { lanesLeft, pairsOf, put, putPair, take } from '../task/lanes';
import { reluRun, tanhRun } from './activate';
import { withoutFaded } from './faded';

/** One row of a step: the state's share of the gate becomes, with the input's share and the bias, the activated one, which is h. */
export function rnnRow(gate: usize, input: usize, bias: usize, h: usize, size: i32, relu: bool): void {
  if (relu) reluRun(gate, input, bias, size);
  else tanhRun(gate, input, bias, size);
  const bytes = <usize>size << 2, pairs = pairsOf(size);
  let at: usize = 0;
  for (; at < pairs; at += 32) putPair(h + at, v128.load(gate + at), v128.load(gate + at, 16));
  for (; at < bytes; at += 16) put(h + at, take(gate + at, lanesLeft(at, bytes)), lanesLeft(at, bytes));
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
