import { add, grad, mul, recurrent, reshape, row, sum, zeros, type Tensor } from '@tempograd/core';
import { recurrentCells, type Backend } from '@tempograd/core/backend';
import type { Check } from '../check/Check.js';
import { Handles } from '../check/Handles.js';
import { at, type HostArray } from '../host/HostArray.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { gradientOn, valueOn } from '../subject/evaluate.js';
import {
  sampleSegment,
  segmentInputs,
  segmentOp,
  writeSegment,
  type SegmentShape,
} from '../subject/recurrentSubject.js';
import type { HostRecurrent } from '../host/recurrentForm.js';

type Fused = Required<Pick<Backend, 'recurrentForward' | 'recurrentBackward'>>;

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
    const args = writeSegment(handles, segment);
    const light = recurrentForward.call(backend, args, false);
    [light.output, ...light.carry].forEach((x) => handles.hold(x));
    check.require(light.saved === null, 'recurrentForward saved something though it was not asked to');
    const full = recurrentForward.call(backend, args, true);
    [full.output, ...full.carry].forEach((x) => handles.hold(x));
    const { saved } = full;
    if (saved === null) return check.require(false, 'recurrentForward saved nothing though it was asked to');
    saved.forEach((x) => handles.hold(x));
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

/** `x [time, batch, …]` with `padding` where the mask is 0. */
function padded(x: HostArray, mask: HostArray, padding: number): HostArray {
  const width = x.values.length / mask.values.length;
  return { ...x, values: x.values.map((value, i) => (at(mask, Math.floor(i / width)) === 0 ? padding : value)) };
}

/**
 * Whatever stands at masked steps, in the input and in the output's cotangent, is not looked at: values and gradients are those
 * with zeros there, bit for bit, and finite.
 */
async function checkPadding(check: Check, shape: SegmentShape, table: boolean): Promise<void> {
  const segment = sampleSegment(check.sample, shape);
  const rows = 5;
  const mask = segment.mask as HostArray;
  const [x, ...others] = segmentInputs({
    ...segment,
    ...(table && {
      input: check.sample.integers([shape.time, shape.batch], 0, rows),
      weightIh: check.sample.floats([rows, segment.weightHh.shape[0] as number]),
    }),
  }) as [HostArray, ...HostArray[]];
  const fn = segmentOp(shape);
  const [forOutput, ...forCarry] = (await valueOn(check.device, fn, [x, ...others])).map((y) =>
    check.sample.floats(y.shape),
  ) as [HostArray, ...HostArray[]];
  const run = async (inputPadding: number, padding: number): Promise<HostArray[]> => {
    const inputs = [padded(x, mask, inputPadding), ...others];
    const cotangents = [padded(forOutput, mask, padding), ...forCarry];
    return [...(await valueOn(check.device, fn, inputs)), ...(await gradientOn(check.device, fn, inputs, cotangents))];
  };
  const wanted = await run(0, 0);
  check.require(
    wanted.every(({ values }) => values.every(Number.isFinite)),
    'with zeros in masked padding, a value or a gradient is not finite',
  );
  for (const padding of [NaN, Infinity, -Infinity]) {
    check.compareAll(await run(table ? -1 : padding, padding), wanted, {
      measure: 'value',
      opClass: 'exact',
      what: `with ${padding} in masked padding, value or gradient`,
    });
  }
  if (table) return;
  const ofInput = wanted[1 + forCarry.length] as HostArray;
  check.compare(ofInput, padded(ofInput, mask, 0), {
    measure: 'value',
    opClass: 'exact',
    what: 'the gradient of the padding',
  });
}

const paddingCases = recurrentCells.flatMap((cell) =>
  (['holes', 'ragged', 'empty rows and steps'] as const).flatMap((mask, index) =>
    [false, true].map((table) =>
      defineCase(
        {
          name: `${cell}: gradient, NaN in masked padding, ${mask}${table ? ', row numbers' : ''}`,
          group: 'recurrent',
          op: cell,
          kind: 'gradient',
        },
        async (check) => {
          // Enough rows that weights are packed, and a single one.
          for (const batch of [3, 1]) {
            const shape = { cell, mask, batch, reverse: index === 1, time: 7, inputs: 5, hidden: 6, bias: true };
            await checkPadding(check, shape, table);
          }
        },
      ),
    ),
  ),
);

/** The fused recurrent op as backends offer it, without core in between. */
const contractCases = recurrentCells.flatMap((cell) =>
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

/** What backends promise of a segment beyond its values: to callers of the fused op itself, and of masked padding. */
export const recurrentContractCases: readonly ConformanceCase[] = [...contractCases, ...paddingCases];
