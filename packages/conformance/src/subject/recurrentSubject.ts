import { concat, recurrent, sliceAxis, type Tensor } from '@tempograd/core';
import { gateCount, type Operand, type RecurrentArgs, type RecurrentCell } from '@tempograd/core/backend';
import type { Handles } from '../check/Handles.js';
import { build, type HostArray } from '../host/HostArray.js';
import { recurrentForm, type HostRecurrent } from '../host/recurrentForm.js';
import type { Sampler } from '../host/Sampler.js';
import type { Subject } from './Subject.js';

/** Which steps of which batch rows count. */
export type MaskKind = 'none' | 'holes' | 'ragged' | 'empty rows and steps';

/** One layer over one segment: sizes and variants. */
export interface SegmentShape {
  readonly cell: RecurrentCell;
  readonly time: number;
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
  readonly bias: boolean;
  readonly mask: MaskKind;
  readonly reverse: boolean;
}

/** The numbers of a segment. Weights are asymmetric and the initial carry is not zero. */
export function sampleSegment(sample: Sampler, shape: SegmentShape): HostRecurrent {
  const { cell, time, batch, inputs, hidden, bias, reverse } = shape;
  const rows = gateCount[cell] * hidden;
  // Over many steps larger weights make the state depend on them too wildly for finite differences.
  const spread = (time > 16 ? 0.75 : 1.5) / Math.sqrt(hidden);
  const mask = sampleMask(sample, shape);
  const states = cell === 'lstm' ? 2 : 1;
  const plain: HostRecurrent = {
    cell,
    reverse,
    mask,
    input: loudWhereMasked(sample.floats([time, batch, inputs], { low: -1.5, high: 1.5 }), mask),
    carry: Array.from({ length: states }, () => sample.floats([batch, hidden])),
    weightIh: sample.floats([rows, inputs], { low: -1 / Math.sqrt(inputs), high: 1 / Math.sqrt(inputs) }),
    weightHh: sample.floats([rows, hidden], { low: -spread, high: spread }),
    biasIh: bias ? sample.floats([rows], { low: -0.5, high: 0.5 }) : null,
    biasHh: bias ? sample.floats([rows], { low: -0.5, high: 0.5 }) : null,
  };
  return cell === 'rnnRelu' ? offTheKink(sample, plain) : plain;
}

/** A segment on handles, as the fused op takes it. */
export function writeSegment(handles: Handles, { cell, reverse, ...segment }: HostRecurrent): RecurrentArgs {
  const write = (x: HostArray | null): Operand | null => x && handles.write(x);
  return {
    cell,
    reverse,
    input: handles.write(segment.input),
    weightIh: handles.write(segment.weightIh),
    weightHh: handles.write(segment.weightHh),
    carry: segment.carry.map((x) => handles.write(x)),
    biasIh: write(segment.biasIh),
    biasHh: write(segment.biasHh),
    mask: write(segment.mask),
  };
}

/** Inputs in the order that `segmentOp` takes them. */
export function segmentInputs({ input, weightIh, weightHh, carry, biasIh, biasHh, mask }: HostRecurrent): HostArray[] {
  return [input, weightIh, weightHh, ...carry, biasIh, biasHh, mask].filter((x) => x !== null);
}

/** `[output, …carry]` of a segment's inputs. */
export function segmentOp({ cell, bias, mask, reverse }: SegmentShape): (...inputs: Tensor[]) => Tensor[] {
  return (input, weightIh, weightHh, ...rest) => {
    const carry = rest.slice(0, cell === 'lstm' ? 2 : 1);
    const [biasIh, biasHh] = bias ? rest.slice(carry.length, carry.length + 2) : [];
    const result = recurrent({
      cell,
      reverse,
      input: input,
      weightIh: weightIh,
      weightHh: weightHh,
      carry,
      biasIh: biasIh ?? null,
      biasHh: biasHh ?? null,
      mask: mask === 'none' ? null : rest.at(-1),
    });
    return [result.output, ...result.carry];
  };
}

/** As `segmentOp`, in two parts: up to step `at` (in the order they run), then the rest from the carry that leaves. */
export function cutSegmentOp(shape: SegmentShape, at: number): (...inputs: Tensor[]) => Tensor[] {
  const op = segmentOp(shape);
  return (...inputs) => {
    const part = (from: number, to: number, carry: readonly Tensor[]): Tensor[] => {
      const [input, weightIh, weightHh, ...rest] = inputs as [Tensor, Tensor, Tensor, ...Tensor[]];
      const others = rest.slice(carry.length);
      const mask = shape.mask === 'none' ? null : (others.pop() as Tensor);
      const cut = (x: Tensor): Tensor => sliceAxis(x, from, to);
      return op(cut(input), weightIh, weightHh, ...carry, ...others, ...(mask ? [cut(mask)] : []));
    };
    const carry = inputs.slice(3, shape.cell === 'lstm' ? 5 : 4);
    const [first, second] = shape.reverse
      ? [
          [shape.time - at, shape.time],
          [0, shape.time - at],
        ]
      : [
          [0, at],
          [at, shape.time],
        ];
    const [before, ...between] = part(first[0]!, first[1]!, carry);
    const [after, ...last] = part(second[0]!, second[1]!, between);
    return [concat(shape.reverse ? [after!, before!] : [before!, after!]), ...last];
  };
}

/** A segment as a subject. */
export function recurrentSubject(shape: SegmentShape, title = ''): Subject {
  return {
    op: shape.cell,
    title,
    opClass: 'recurrent',
    family: 'recurrent',
    inputs: (sample) => segmentInputs(sampleSegment(sample, shape)),
    apply: segmentOp(shape),
    expected: (...inputs) => {
      const { output, carry } = recurrentForm(asSegment(shape, inputs));
      return [output, ...carry];
    },
  };
}

function asSegment({ cell, bias, mask, reverse }: SegmentShape, inputs: readonly HostArray[]): HostRecurrent {
  const [input, weightIh, weightHh, ...rest] = inputs as [HostArray, HostArray, HostArray, ...HostArray[]];
  const carry = rest.slice(0, cell === 'lstm' ? 2 : 1);
  const [biasIh = null, biasHh = null] = bias ? rest.slice(carry.length) : [];
  return {
    cell,
    reverse,
    input,
    weightIh,
    weightHh,
    carry,
    biasIh,
    biasHh,
    mask: mask === 'none' ? null : (rest.at(-1) as HostArray),
  };
}

function sampleMask(sample: Sampler, { mask, time, batch }: SegmentShape): HostArray | null {
  switch (mask) {
    case 'none':
      return null;
    case 'holes':
      return build([time, batch], () => Number(sample.next() < 0.6), 'i32');
    case 'ragged': {
      const lengths = Array.from({ length: batch }, () => sample.integer(1, time + 1));
      return build([time, batch], (i) => Number(Math.floor(i / batch) < (lengths[i % batch] as number)), 'i32');
    }
    case 'empty rows and steps': {
      // The first row never counts, nor does the middle step of any.
      const middle = Math.floor(time / 2);
      return build([time, batch], (i) => Number(i % batch !== 0 && Math.floor(i / batch) !== middle), 'i32');
    }
  }
}

/** Large numbers where the mask is 0, so that what leaks from there is loud. */
function loudWhereMasked(input: HostArray, mask: HostArray | null): HostArray {
  if (mask === null) return input;
  const width = input.shape[2] as number;
  return build(input.shape, (i) => (mask.values[Math.floor(i / width)] === 0 ? 50 : 1) * (input.values[i] as number));
}

/** With positive inputs and states, and each unit's weights of one sign, no sum comes near relu's kink. */
function offTheKink(sample: Sampler, segment: HostRecurrent): HostRecurrent {
  const { weightIh, weightHh, biasIh, biasHh } = segment;
  const [rows, hidden] = weightHh.shape as [number, number];
  const inputs = weightIh.shape[1] as number;
  const signs = sample.signs([rows]);
  const oneSign = (x: HostArray, width: number): HostArray =>
    build(x.shape, (i) => (signs.values[Math.floor(i / width)] as number) * (Math.abs(x.values[i] as number) + 0.0625));
  const positive = (x: HostArray): HostArray => build(x.shape, (i) => Math.abs(x.values[i] as number) + 0.125);
  const small = build(weightHh.shape, (i) => Math.fround((weightHh.values[i] as number) / (2 * Math.sqrt(hidden))));
  return {
    ...segment,
    input: positive(segment.input),
    carry: segment.carry.map(positive),
    weightIh: oneSign(weightIh, inputs),
    weightHh: build(
      small.shape,
      (i) => (signs.values[Math.floor(i / hidden)] as number) * Math.abs(small.values[i] as number),
    ),
    biasIh: biasIh && oneSign(biasIh, 1),
    biasHh: biasHh && oneSign(biasHh, 1),
  };
}
