import { add, linear, mul, sub, sum, tanh, vjp, withoutFusedOps, zeros, type Cell, type Tensor } from '@tempograd/core';
import { recurrentCells } from '@tempograd/core/backend';
import type { Check } from '../check/Check.js';
import { at, build, floats, type HostArray } from '../host/HostArray.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import type { Kit } from '../run/Kit.js';
import { cellSubject } from '../subject/cellSubject.js';
import { gradientOn, tangentOn, valueOn, type TensorFunction } from '../subject/evaluate.js';
import { asList } from '../subject/Subject.js';

/** `x [time, batch, …]` with `padding` where the mask is 0. */
function padded(x: HostArray, mask: HostArray, padding: number): HostArray {
  const width = x.values.length / mask.values.length;
  return build(x.shape, (i) => (at(mask, Math.floor(i / width)) === 0 ? padding : at(x, i)));
}

/** The gradient of `Σ fn(inputs)²` with respect to the float inputs. */
function squaredGradient(fn: TensorFunction): TensorFunction {
  return (...inputs) => {
    const isFloat = inputs.map(({ dtype }) => dtype !== 'i32');
    const { value, pullback } = vjp(
      (xs: Tensor[]) => {
        let next = 0;
        const ys = asList<Tensor>(fn(...inputs.map((x, index) => (isFloat[index] ? xs[next++]! : x))));
        return ys.map((y) => sum(mul(y, y))).reduce((a, b) => add(a, b));
      },
      inputs.filter((_, index) => isFloat[index]),
    );
    try {
      return pullback(add(mul(value, 0), 1));
    } finally {
      pullback.dispose();
    }
  };
}

/** Whatever lies where the mask is 0 in the first input: values and derivatives of both orders are those for zeros there, and 0 there. */
async function checkPadding(check: Check, fn: TensorFunction, inputs: readonly HostArray[]): Promise<void> {
  const [x, ...others] = inputs as [HostArray, ...HostArray[]];
  const mask = others.at(-1)!;
  const cotangents = (await valueOn(check.device, fn, inputs)).map((y) => check.sample.floats(y.shape));
  const directions = inputs.map((each) => (each.kind === 'float' ? check.sample.signs(each.shape) : each));
  const second = squaredGradient(fn);
  const floatInputs = inputs.filter(({ kind }) => kind === 'float');
  const along = floatInputs.map((each) => check.sample.signs(each.shape));
  const derive = async (padding: number): Promise<readonly (readonly [string, readonly HostArray[]])[]> => {
    const all = [padded(x, mask, padding), ...others];
    const tangents = [padded(directions[0]!, mask, padding), ...directions.slice(1)];
    return [
      ['the value', await valueOn(check.device, fn, all)],
      ['the gradient of float input', await gradientOn(check.device, fn, all, cotangents)],
      ['tangent', await tangentOn(check.device, fn, all, tangents)],
      ['the gradient of the gradient, input', await gradientOn(check.device, second, all, along)],
    ];
  };
  const wanted = await derive(0);
  for (const padding of [NaN, Infinity]) {
    for (const [index, [what, actual]] of (await derive(padding)).entries()) {
      check.compareAll(actual, wanted[index]![1], {
        measure: 'value',
        opClass: 'exact',
        what: `${what} with ${padding} in masked padding`,
      });
    }
  }
  const [ofInput] = wanted[1]![1];
  check.compare(ofInput!, padded(ofInput!, mask, 0), {
    measure: 'value',
    opClass: 'exact',
    what: 'the gradient of the padding',
  });
}

/** A cell as users write one, with inputs, carry and outputs that are trees. */
const userCell: Cell<Tensor, { h: Tensor; last: Tensor }, { x: Tensor }, { h: Tensor; change: Tensor }> = {
  initialCarry: (batch, options) => ({ h: zeros([batch, 2], options), last: zeros([batch, 2], options) }),
  step: (weight, { h, last }, { x }) => {
    const next = tanh(add(linear(x, weight), mul(h, last)));
    return { carry: { last: h, h: next }, output: { h: next, change: sub(next, h) } };
  },
};

function runUserCell(kit: Kit, reverse: boolean): TensorFunction {
  return (x, weight, h, last, mask) => {
    const { carry, output } = kit.scan(userCell, weight, { h: h, last: last }, { x: x }, { mask: mask, reverse });
    return [output.h, output.change, carry.h, carry.last];
  };
}

const mask = (check: Check): HostArray => build([5, 3], (i) => Number(i % 4 !== 1 && check.sample.next() < 0.7), 'i32');

/** Steps whose mask is 0 contribute exactly nothing, whatever lies in the padding, on every path. */
export const maskedPaddingCases: readonly ConformanceCase[] = [
  ...[false, true].map((reverse) =>
    defineCase(
      {
        name: `scan: gradient, of a user's cell, NaN in masked padding${reverse ? ', reversed' : ''}`,
        group: 'scan',
        op: 'scan',
        kind: 'gradient',
      },
      async (check) => {
        const inputs = [
          check.sample.floats([5, 3, 2]),
          check.sample.floats([2, 2]),
          check.sample.floats([3, 2]),
          check.sample.floats([3, 2]),
          mask(check),
        ];
        await checkPadding(check, runUserCell(check.context.kit, reverse), inputs);
      },
    ),
  ),
  ...recurrentCells.map((cell) =>
    defineCase(
      {
        name: `${cell} cell: gradient, NaN in masked padding`,
        group: 'cells',
        op: `${cell} cell`,
        kind: 'gradient',
      },
      async (check) => {
        const shape = {
          cell,
          time: 5,
          batch: 3,
          inputs: 2,
          hidden: 3,
          bias: true,
          mask: 'holes',
          reverse: false,
        } as const;
        for (const path of ['segment', 'steps'] as const) {
          const subject = cellSubject(check.context.kit, shape, check.dtype, path);
          const inputs = subject.inputs(check.sample);
          await checkPadding(check, (...xs) => withoutFusedOps(() => subject.apply(...xs)), inputs);
        }
      },
    ),
  ),
  defineCase(
    { name: 'scan: value, carries and outputs are matched by key', group: 'scan', op: 'scan', kind: 'value' },
    async (check) => {
      const { kit } = check.context;
      // The order of keys changes from step to step: the parity of a count that goes on in the carry.
      let odd = false;
      const cell: Cell<null, { a: Tensor; b: Tensor }, Tensor, { p: Tensor; q: Tensor }> = {
        initialCarry: (batch, options) => ({ a: zeros([batch], options), b: zeros([batch], options) }),
        step: (_, { a, b }, x) => {
          odd = !odd;
          const [nextA, nextB] = [add(a, x), sub(b, x)];
          return odd
            ? { carry: { b: nextB, a: nextA }, output: { q: nextB, p: nextA } }
            : { carry: { a: nextA, b: nextB }, output: { p: nextA, q: nextB } };
        },
      };
      for (const valid of [null, build([3, 1], () => 1, 'i32')]) {
        const inputs = [floats([3, 1], [1, 2, 3]), floats([1], [10]), floats([1], [20]), ...(valid ? [valid] : [])];
        const actual = await valueOn(
          check.device,
          (x, a, b, counts) => {
            const { carry, output } = kit.scan(cell, null, { a: a, b: b }, x, { mask: counts ?? null });
            return [output.p, output.q, carry.a, carry.b];
          },
          inputs,
        );
        check.compareAll(
          actual,
          [floats([3, 1], [11, 13, 16]), floats([3, 1], [19, 17, 14]), floats([1], [16]), floats([1], [14])],
          { measure: 'value', opClass: 'exact', what: `p, q, a, b ${valid ? 'with' : 'without'} a mask` },
        );
      }
    },
  ),
];
