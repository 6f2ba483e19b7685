import { add, grad, mul, recurrent, reshape, row, sum, zeros, type Tensor } from '@tempograd/core';
import { makeTypedArray, recurrentCells, sizeOf, type Backend, type Operand } from '@tempograd/core/backend';
import type { Check } from '../check/Check.js';
import { floats, type HostArray } from '../host/HostArray.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { sampleSegment, type SegmentShape } from '../subject/recurrentSubject.js';
import type { HostRecurrent } from '../host/recurrentForm.js';

type Fused = Required<Pick<Backend, 'recurrentForward' | 'recurrentBackward'>>;

/** Handles of a backend, used without core in between; all are released at the end. */
class Handles {
  readonly #check: Check;
  readonly #held: Operand[] = [];

  constructor(check: Check) {
    this.#check = check;
  }

  write(x: HostArray): Operand {
    const dtype = this.#check.device.dtypeOf(x);
    const data = makeTypedArray(dtype, sizeOf(x.shape));
    data.set(x.values);
    return this.hold({ handle: this.#check.context.backend.write(data, x.shape, dtype), shape: x.shape, dtype });
  }

  hold(x: Operand): Operand {
    this.#held.push(x);
    return x;
  }

  async read(x: Operand): Promise<HostArray> {
    return floats(x.shape, await this.#check.context.backend.read(x));
  }

  releaseAll(): void {
    for (const { handle } of this.#held.splice(0)) this.#check.context.backend.release(handle);
  }
}

/** `dL/dh_t` of every step by the oracle: the gradient of something added to each state. */
async function stateGradients(check: Check, segment: HostRecurrent, cotangent: HostArray): Promise<HostArray> {
  const [time, batch, hidden] = cotangent.shape as [number, number, number];
  const { oracle } = check;
  const [found] = await oracle.run(() => {
    const write = (x: HostArray | null): Tensor | null => x && oracle.write(x);
    const given = {
      weightIh: write(segment.weightIh) as Tensor,
      weightHh: write(segment.weightHh) as Tensor,
      biasIh: write(segment.biasIh),
      biasHh: write(segment.biasHh),
    };
    const input = oracle.write(segment.input);
    const weights = oracle.write(cotangent);
    const loss = (added: Tensor): Tensor => {
      let carry = segment.carry.map((x) => oracle.write(x));
      let total: Tensor | null = null;
      for (let step = 0; step < time; step++) {
        const t = segment.reverse ? time - 1 - step : step;
        const next = recurrent({ ...given, cell: segment.cell, input: reshape(row(input, t), [1, batch, -1]), carry });
        const [h, ...rest] = next.carry as [Tensor, ...Tensor[]];
        carry = [add(h, row(added, t)), ...rest];
        const here = sum(mul(carry[0] as Tensor, row(weights, t)));
        total = total === null ? here : add(total, here);
      }
      return total as Tensor;
    };
    return [grad(loss)(zeros([time, batch, hidden], { dtype: 'f64', backend: oracle.backend }))];
  });
  return found as HostArray;
}

/** What only callers of the fused op itself see: nothing saved unless asked for, nothing given that is not wanted, and δ. */
async function checkContract(check: Check, shape: SegmentShape): Promise<void> {
  const segment = sampleSegment(check.sample, shape);
  const backend = check.context.backend;
  const { recurrentForward, recurrentBackward } = backend as Fused;
  const cotangent = check.sample.floats([shape.time, shape.batch, shape.hidden]);
  const handles = new Handles(check);
  try {
    const write = (x: HostArray | null): Operand | null => x && handles.write(x);
    const args = {
      cell: shape.cell,
      reverse: shape.reverse,
      input: handles.write(segment.input),
      weightIh: handles.write(segment.weightIh),
      weightHh: handles.write(segment.weightHh),
      carry: segment.carry.map((x) => handles.write(x)),
      biasIh: write(segment.biasIh),
      biasHh: write(segment.biasHh),
      mask: write(segment.mask),
    };
    const light = recurrentForward.call(backend, args, false);
    [light.output, ...light.carry].forEach((x) => handles.hold(x));
    check.require(light.saved === null, 'recurrentForward saved something though it was not asked to');
    const full = recurrentForward.call(backend, args, true);
    [full.output, ...full.carry].forEach((x) => handles.hold(x));
    const { saved } = full;
    if (saved === null) return check.require(false, 'recurrentForward saved nothing though it was asked to');
    [saved.gates, saved.states, saved.extra].forEach((x) => x && handles.hold(x));
    const same = { measure: 'value', opClass: 'recurrent', what: 'the output, saving or not,' } as const;
    check.compare(await handles.read(light.output), await handles.read(full.output), same);
    const { delta, carry, ...others } = recurrentBackward.call(backend, {
      ...args,
      saved,
      outputCotangent: handles.write(cotangent),
      carryCotangents: args.carry.map(() => null),
      wants: { input: false, carry: false, weights: false, delta: true },
    });
    const unwanted = [...(carry ?? []), ...Object.values(others).filter((x) => x !== null)];
    unwanted.forEach((x) => handles.hold(x));
    check.require(unwanted.length === 0, 'recurrentBackward gave a gradient that was not wanted');
    if (delta === null) return check.require(false, 'recurrentBackward gave no delta though it was wanted');
    handles.hold(delta);
    const expected = await stateGradients(check, segment, cotangent);
    check.compare(await handles.read(delta), expected, {
      measure: 'gradient',
      opClass: 'recurrent',
      what: 'δ, the gradient of h after each step',
    });
  } finally {
    handles.releaseAll();
  }
}

/** The fused recurrent op as backends offer it, without core in between. */
export const recurrentContractCases: readonly ConformanceCase[] = recurrentCells.flatMap((cell) =>
  [false, true].map((reverse) =>
    defineCase(
      {
        name: `${cell}: gradient, of every state${reverse ? ', reversed' : ''}`,
        group: 'recurrent',
        op: cell,
        kind: 'gradient',
        requires: { family: 'recurrent' },
      },
      (check) =>
        checkContract(check, { cell, reverse, time: 5, batch: 2, inputs: 3, hidden: 4, bias: true, mask: 'none' }),
    ),
  ),
);
