import {
  add,
  concat,
  foldIn,
  key,
  linear,
  mul,
  scalar,
  sigmoid,
  sliceAxis,
  sub,
  tanh,
  uniform,
  zeros,
  type Cell,
  type Key,
  type Tensor,
} from '@tempograd/core';
import type { FloatDType } from '@tempograd/core/backend';
import { at, build, floats, ints, type HostArray } from '../host/HostArray.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import type { Check } from '../check/Check.js';
import { compareWithDifferences } from '../subject/differences.js';
import { gradientOn, valueOn, type TensorFunction } from '../subject/evaluate.js';
import { coreKit, type Kit } from '../run/Kit.js';

interface Params {
  readonly gate: Tensor;
  readonly candidate: Tensor;
}

interface Carry {
  readonly state: Tensor;
  readonly steps: { readonly count: Tensor };
}

/** A cell as a user writes one: minGRU (Feng et al. 2024) with a count of its steps beside it, inputs and outputs that are trees. */
const minimalGru: Cell<Params, Carry, { x: Tensor }, { h: Tensor; count: Tensor }> = {
  initialCarry: (batch, options) => ({
    state: zeros([batch, 2], options),
    steps: { count: zeros([batch, 1], options) },
  }),
  step: ({ gate, candidate }, { state, steps }, { x }) => {
    const z = sigmoid(linear(x, gate));
    const next = add(mul(sub(1, z), state), mul(z, tanh(linear(x, candidate))));
    const count = add(steps.count, 1);
    return { carry: { state: next, steps: { count } }, output: { h: next, count } };
  },
};

/** `[h, count, final state, final count]` of the user's cell over a segment. */
function run(kit: Kit, mask: boolean, reverse: boolean): (...inputs: Tensor[]) => Tensor[] {
  return (x, gate, candidate, state, count, valid) => {
    const carry = { state: state, steps: { count: count } };
    const params = { gate: gate, candidate: candidate };
    const result = kit.scan(minimalGru, params, carry, { x: x }, { reverse, mask: mask ? valid : null });
    return [result.output.h, result.output.count, result.carry.state, result.carry.steps.count];
  };
}

/** The same on the host. */
function runOnHost(inputs: readonly HostArray[], reverse: boolean): HostArray[] {
  const [x, gate, candidate, state, count, valid] = inputs as [
    HostArray,
    HostArray,
    HostArray,
    HostArray,
    HostArray,
    HostArray?,
  ];
  const [time, batch, width] = x.shape as [number, number, number];
  const h = state.values.slice();
  const n = count.values.slice();
  const outputs = { h: new Float64Array(time * batch * 2), n: new Float64Array(time * batch) };
  const dot = (weight: HostArray, row: number, unit: number): number =>
    Array.from({ length: width }, (_, k) => at(x, row * width + k) * at(weight, unit * width + k)).reduce(
      (a, b) => a + b,
      0,
    );
  for (let step = 0; step < time; step++) {
    const t = reverse ? time - 1 - step : step;
    for (let b = 0; b < batch; b++) {
      const row = t * batch + b;
      if (valid !== undefined && at(valid, row) === 0) continue;
      for (let unit = 0; unit < 2; unit++) {
        const z = 1 / (1 + Math.exp(-dot(gate, row, unit)));
        h[b * 2 + unit] = (1 - z) * h[b * 2 + unit]! + z * Math.tanh(dot(candidate, row, unit));
        outputs.h[row * 2 + unit] = h[b * 2 + unit]!;
      }
      n[b] = n[b]! + 1;
      outputs.n[row] = n[b]!;
    }
  }
  return [
    floats([time, batch, 2], outputs.h),
    floats([time, batch, 1], outputs.n),
    floats([batch, 2], h),
    floats([batch, 1], n),
  ];
}

async function checkUserCell(check: Check, time: number, masked: boolean, reverse: boolean): Promise<void> {
  const { kit } = check.context;
  const inputs = [
    check.sample.floats([time, 3, 2]),
    check.sample.floats([2, 2]),
    check.sample.floats([2, 2]),
    check.sample.floats([3, 2]),
    check.sample.integers([3, 1], 0, 5),
  ].map((x): HostArray => ({ ...x, kind: 'float' }));
  const mask = build([time, 3], (i) => Number(i % 3 !== 1 && check.sample.next() < 0.6), 'i32');
  const all = masked ? [...inputs, mask] : inputs;
  const fn = run(kit, masked, reverse);
  check.compareAll(await valueOn(check.device, fn, all), runOnHost(all, reverse), {
    measure: 'value',
    opClass: 'recurrent',
    what: 'output, final carry',
  });
  const trustedFn = run(coreKit, masked, reverse);
  const cotangents = (await valueOn(check.oracle, trustedFn, all)).map((y) => check.sample.floats(y.shape));
  const actual = await gradientOn(check.device, fn, all, cotangents);
  const trusted = await gradientOn(check.oracle, trustedFn, all, cotangents);
  check.compareAll(actual, trusted, { measure: 'gradient', opClass: 'recurrent', what: 'the gradient of input' });
  await compareWithDifferences(check, fn, all, cotangents, actual, 'recurrent');
}

const userVariants = [
  ['one step', 1, false, false],
  ['several steps', 5, false, false],
  ['reversed', 5, false, true],
  ['masked, a row throughout', 5, true, false],
  ['masked, reversed', 6, true, true],
  ['many steps', 40, false, false],
] as const;

/** Scan over cells that users write, whose carry, inputs and outputs are trees. */
export const scanCases: readonly ConformanceCase[] = [
  ...userVariants.map(([title, time, masked, reverse]) =>
    defineCase(
      { name: `scan: gradient, of a user's cell, ${title}`, group: 'scan', op: 'scan', kind: 'gradient' },
      (check) => checkUserCell(check, time, masked, reverse),
    ),
  ),
  defineCase(
    {
      name: 'scan: value, a masked step leaves the carry as it is, bit for bit',
      group: 'scan',
      op: 'scan',
      kind: 'value',
    },
    async (check) => {
      const { kit } = check.context;
      const cell: Cell<null, Tensor> = {
        initialCarry: (batch, options) => zeros([batch, 1], options),
        step: (_, carry, x) => ({ carry: add(mul(carry, 3), x), output: sub(carry, x) }),
      };
      const x = floats([3, 2, 1], [1, NaN, NaN, 2, 1, NaN]);
      const valid = ints([3, 2], [1, 0, 0, 1, 1, 0]);
      const actual = await valueOn(
        check.device,
        (input, mask, carry) => {
          const { output, carry: after } = kit.scan(cell, null, carry, input, { mask: mask });
          return [output, after];
        },
        [x, valid, floats([2, 1], [0.5, 0.25])],
      );
      const expected = [floats([3, 2, 1], [-0.5, 0, 0, -1.75, 1.5, 0]), floats([2, 1], [8.5, 2.75])];
      check.compareAll(actual, expected, { measure: 'value', opClass: 'exact', what: 'output, final carry' });
    },
  ),
  defineCase(
    { name: 'scan: gradient, of a scalar product over steps', group: 'scan', op: 'scan', kind: 'gradient' },
    async (check) => {
      const { kit } = check.context;
      // x' = w·x three times from 0.9: dx₃/dw = 3 w² x₀ = 0.108 at w = 0.2.
      const cell: Cell<Tensor, Tensor> = {
        initialCarry: (_, options) => scalar(0.9, options),
        step: (w, x) => ({ carry: mul(w, x), output: mul(w, x) }),
      };
      const [gradient] = await gradientOn(
        check.device,
        (w) => kit.scan(cell, w, scalar(0.9, { dtype: check.dtype }), zeros([3, 1], { dtype: check.dtype })).carry,
        [floats([], [0.2])],
        [floats([], [1])],
      );
      check.compare(gradient!, floats([], [0.108]), { measure: 'gradient', opClass: 'strategy', what: 'dx₃/dw' });
    },
  ),
  defineCase(
    {
      name: 'scan: gradient, of a cell with random numbers, cut and run again',
      group: 'scan',
      op: 'scan',
      kind: 'gradient',
    },
    async (check) => {
      const { kit } = check.context;
      const runKey = key(check.context.seed);
      const noisy: Cell<Tensor, Tensor> = {
        initialCarry: (batch, options) => zeros([batch, 2], options),
        step: (weight, h, x, context) => {
          const like = { dtype: h.dtype as FloatDType, backend: h.backend };
          const noise = context.key === null ? 1 : uniform(foldIn(context.key, context.time), h.shape, like);
          const next = tanh(add(mul(linear(h, weight), noise), x));
          return { carry: next, output: next };
        },
      };
      /** Steps 3 to 9 of a sequence, in parts. */
      const inParts =
        (cuts: readonly number[], cell: Kit, given: Key | null): TensorFunction =>
        (x, weight, h) => {
          let carry = h;
          const outputs = cuts.map((from, index) => {
            const part = sliceAxis(x, from, cuts[index + 1] ?? 6);
            const result = cell.scan(noisy, weight, carry, part, { key: given, from: from + 3 });
            carry = result.carry;
            return result.output;
          });
          return [concat(outputs), carry];
        };
      const inputs = [check.sample.floats([6, 3, 2]), check.sample.floats([2, 2]), check.sample.floats([3, 2])];
      const cotangents = [check.sample.floats([6, 3, 2]), check.sample.floats([3, 2])];
      const trusted = inParts([0], coreKit, runKey);
      for (const cuts of [[0], [0, 2], [0, 1, 5]]) {
        const fn = inParts(cuts, kit, runKey);
        check.compareAll(await valueOn(check.device, fn, inputs), await valueOn(check.oracle, trusted, inputs), {
          measure: 'value',
          opClass: 'recurrent',
          what: `output, final carry, cut at ${String(cuts)}`,
        });
        const gradients = await gradientOn(check.device, fn, inputs, cotangents);
        check.compareAll(gradients, await gradientOn(check.oracle, trusted, inputs, cotangents), {
          measure: 'gradient',
          opClass: 'recurrent',
          what: `the gradient of input, cut at ${String(cuts)}`,
        });
      }
      const [quiet] = await valueOn(check.device, inParts([0], kit, null), inputs);
      const [loud] = await valueOn(check.device, inParts([0], kit, runKey), inputs);
      check.require(
        quiet!.values.some((value, i) => Math.abs(value - at(loud!, i)) > 0.01),
        'a run with a key gives what one without a key does',
      );
    },
  ),
];
