import {
  linear,
  mul,
  reshape,
  select,
  sub,
  sum,
  treeFill,
  type RecurrentParams,
  type SequenceTask,
  type Tensor,
} from '@tempograd/core';
import { gateCount, type FloatDType, type RecurrentCell } from '@tempograd/core/backend';
import type { Device } from '../check/Device.js';
import { build, type HostArray } from '../host/HostArray.js';
import type { Sampler } from '../host/Sampler.js';
import type { Kit } from '../run/Kit.js';

/** A small problem over a sequence: a cell with a linear readout, squared error at every step, perhaps a learned initial carry. */
export interface TaskShape {
  readonly cell: RecurrentCell;
  readonly time: number;
  readonly batch: number;
  /** Some rows have steps that do not count; default is false. */
  readonly masked?: boolean;
  /** The initial carry is a parameter, not zeros; default is false. */
  readonly learnedCarry?: boolean;
}

/** What a task learns. */
export interface TaskParams {
  readonly cell: RecurrentParams;
  readonly readout: Tensor;
  readonly start: readonly Tensor[] | null;
}

/** A stretch of a task's sequence. */
export interface TaskStretch {
  readonly input: Tensor;
  readonly target: Tensor;
  readonly mask: Tensor | null;
}

export type CellTask = SequenceTask<TaskParams, unknown, TaskStretch, Tensor>;

/** The numbers of a task on the host. */
export interface TaskNumbers {
  readonly weights: readonly HostArray[];
  readonly readout: HostArray;
  readonly start: readonly HostArray[] | null;
  readonly input: HostArray;
  readonly target: HostArray;
  readonly mask: HostArray | null;
}

const size = { inputs: 2, hidden: 2, outputs: 2 } as const;

/** Weights are large enough that a loss says something of steps far back. */
export function sampleTask(sample: Sampler, { cell, time, batch, masked, learnedCarry }: TaskShape): TaskNumbers {
  const rows = gateCount[cell] * size.hidden;
  const wide = { low: -1.2, high: 1.2 };
  const states = cell === 'lstm' ? 2 : 1;
  // The first row has a hole, the others end a step early.
  const counts = (t: number, row: number): boolean => (row === 0 ? t !== 1 : t < time - 1);
  return {
    weights: [
      sample.floats([rows, size.inputs], wide),
      sample.floats([rows, size.hidden], wide),
      sample.floats([rows]),
      sample.floats([rows]),
    ],
    readout: sample.floats([size.outputs, size.hidden], wide),
    start: learnedCarry ? Array.from({ length: states }, () => sample.floats([batch, size.hidden])) : null,
    input: sample.floats([time, batch, size.inputs], wide),
    target: sample.floats([time, batch, size.outputs]),
    mask: masked ? build([time, batch], (i) => Number(counts(Math.floor(i / batch), i % batch)), 'i32') : null,
  };
}

export function writeParams(device: Device, { weights, readout, start }: TaskNumbers): TaskParams {
  const [weight_ih, weight_hh, bias_ih, bias_hh] = weights.map((x) => device.write(x)) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  return {
    cell: { weight_ih, weight_hh, bias_ih, bias_hh },
    readout: device.write(readout),
    start: start && start.map((x) => device.write(x)),
  };
}

export function writeStretch(device: Device, { input, target, mask }: TaskNumbers): TaskStretch {
  return { input: device.write(input), target: device.write(target), mask: mask && device.write(mask) };
}

/** `Σ ½·|readout·h − target|²` over the steps that count. */
export function makeTask(kit: Kit, { cell: kind }: TaskShape, dtype: FloatDType): CellTask {
  const cell = kit.cells[kind]({ hiddenSize: size.hidden });
  return {
    initialCarry({ start }, { input }) {
      const zeros = cell.initialCarry(input.shape[1] as number, { dtype });
      return start === null ? zeros : treeFill(zeros, start);
    },
    forward: ({ cell: weights }, carry, { input, mask }) => kit.scan(cell, weights, carry, input, { mask }),
    loss({ readout }, output, { target, mask }) {
      const difference = sub(linear(output, readout), target);
      const squares = mul(mul(difference, difference), 0.5);
      return sum(mask === null ? squares : select(reshape(mask, [...mask.shape, 1]), squares, 0));
    },
  };
}
