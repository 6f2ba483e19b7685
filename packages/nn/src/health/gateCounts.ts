import {
  add,
  cast,
  concat,
  fromArray,
  full,
  gather,
  greater,
  less,
  lessEqual,
  linear,
  mul,
  neg,
  reshape,
  scope,
  select,
  sigmoid,
  sliceAxis,
  stack,
  sum,
  zeros,
  type FloatDType,
  type SegmentSeen,
  type Tensor,
} from '@tempograd/core';

/** Steps of a segment whose gates are looked at, the last ones run: its gates are not kept, and are computed again. */
const looked = 2;

/** A gate: its name, and between which pre-activations it is not saturated. */
interface Gate {
  readonly name: string;
  readonly ends: 'sigmoid' | 'tanh' | 'relu';
}

const gatesOf: Readonly<Record<SegmentSeen['cell'], readonly Gate[]>> = {
  rnnTanh: [{ name: 'h', ends: 'tanh' }],
  rnnRelu: [{ name: 'h', ends: 'relu' }],
  lstm: [
    { name: 'i', ends: 'sigmoid' },
    { name: 'f', ends: 'sigmoid' },
    { name: 'g', ends: 'tanh' },
    { name: 'o', ends: 'sigmoid' },
  ],
  gru: [
    { name: 'r', ends: 'sigmoid' },
    { name: 'z', ends: 'sigmoid' },
    { name: 'n', ends: 'tanh' },
  ],
};

/** σ(a) = 0.95. */
const sigmoidEnd = Math.log(0.95 / 0.05);
/** tanh(a) = 0.95. */
const tanhEnd = Math.atanh(0.95);

/** Names of a cell's gates, in the order of `gateCounts`. */
export function gateNames(cell: SegmentSeen['cell']): readonly string[] {
  return gatesOf[cell].map(({ name }) => name);
}

/**
 * How many values of each gate at the last steps lie below its low end, above its high one, and are there in all, `[3, gates]`. A step
 * counts where its row and the row of the step before count: what stands at masked steps is no state. Belongs to the caller's scope.
 */
export function gateCounts(segment: SegmentSeen): Tensor {
  return scope(() => {
    const { cell, weightHh } = segment;
    const gates = gatesOf[cell];
    const { input, before, counts } = lookedAt(segment);
    const { dtype, backend } = before;
    const [n, hidden] = [before.shape[0] as number, weightHh.shape[1] as number];
    const a =
      cell === 'gru'
        ? gruGates(segment, input, before)
        : add(fromInput(segment, input), recurrentHalf(segment, before));
    const values = reshape(a, [n, gates.length, hidden]);
    const weight = counts && reshape(cast(counts, dtype), [n, 1, 1]);
    const ofGate = (inside: Tensor): Tensor => {
      const found = cast(inside, dtype);
      return sum(weight === null ? found : mul(found, weight), { axes: [0, 2] });
    };
    const all = weight === null ? n * hidden : mul(sum(weight), hidden);
    const none = zeros([gates.length], { dtype: dtype as FloatDType, backend });
    if (cell === 'rnnRelu') return stack([ofGate(lessEqual(values, 0)), none, add(none, all)]);
    const ends = gates.map(({ ends: kind }) => (kind === 'tanh' ? tanhEnd : sigmoidEnd));
    const end = fromArray(Float64Array.from(ends), [gates.length, 1], { dtype, backend });
    return stack([ofGate(less(values, neg(end))), ofGate(greater(values, end)), add(none, all)]);
  });
}

/** Inputs and states before the steps that are looked at, `[n, …]` over steps and rows, and which of them count, i32 `[n, 1]`, null where all do. */
function lookedAt({
  input,
  output,
  carry,
  mask,
  reverse,
}: SegmentSeen): Record<'input' | 'before', Tensor> & { readonly counts: Tensor | null } {
  const [time, batch] = output.shape as [number, number, number];
  const n = Math.min(time, looked);
  const [from, to] = reverse ? [0, n] : [time - n, time];
  const whole = n === time;
  const flat = (x: Tensor): Tensor => reshape(x, [n * batch, ...x.shape.slice(2)]);
  /** `x` at the step that ran before each of these, `first` where the segment begins. */
  const stepBefore = (x: Tensor, first: Tensor): Tensor => {
    const begin = reshape(first, [1, ...first.shape]);
    if (reverse) return whole ? concat([sliceAxis(x, 1, time), begin]) : sliceAxis(x, 1, n + 1);
    return whole ? concat([begin, sliceAxis(x, 0, time - 1)]) : sliceAxis(x, from - 1, to - 1);
  };
  const before = flat(stepBefore(output, carry[0] as Tensor));
  const read = flat(sliceAxis(input, from, to));
  if (mask === null) return { input: read, before, counts: null };
  const valid = sliceAxis(mask, from, to);
  const ran = stepBefore(mask, full([batch], 1, { dtype: 'i32', backend: mask.backend }));
  const counts = reshape(mul(valid, ran), [n * batch, 1]);
  const kept = select(read.rank === 1 ? reshape(counts, [n * batch]) : counts, read, 0);
  return { input: kept, before, counts };
}

/** `W x + b`. */
function fromInput({ weightIh, biasIh }: SegmentSeen, input: Tensor): Tensor {
  if (input.dtype !== 'i32') return linear(input, weightIh, biasIh);
  const share = gather(weightIh, input);
  return biasIh === null ? share : add(share, biasIh);
}

/** `U h + d`. */
function recurrentHalf({ weightHh, biasHh }: SegmentSeen, before: Tensor): Tensor {
  return linear(before, weightHh, biasHh);
}

/** Pre-activations of r, z and n side by side; the reset gate stands inside that of n. */
function gruGates(segment: SegmentSeen, input: Tensor, before: Tensor): Tensor {
  const hidden = segment.weightHh.shape[1] as number;
  const [ofInput, ofState] = [fromInput(segment, input), recurrentHalf(segment, before)];
  const both = add(sliceAxis(ofInput, 0, 2 * hidden, 1), sliceAxis(ofState, 0, 2 * hidden, 1));
  const reset = sigmoid(sliceAxis(both, 0, hidden, 1));
  const [an, un] = [ofInput, ofState].map((x) => sliceAxis(x, 2 * hidden, 3 * hidden, 1)) as [Tensor, Tensor];
  return concat([both, add(an, mul(reset, un))], 1);
}
