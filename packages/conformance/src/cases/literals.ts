import * as core from '@tempograd/core';
import type { Tensor, TensorLike } from '@tempograd/core';
import { binaryOps, compareOps, type BinaryOp } from '@tempograd/core/backend';
import type { Check } from '../check/Check.js';
import type { HostArray } from '../host/HostArray.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';

type Pair = (a: TensorLike, b: TensorLike) => Tensor;

/** No float holds a third; the others are where functions have edges. */
const numbers = [1 / 3, -2, 0, -0, 1, 1e-40, 1e30, Infinity, -Infinity, NaN];
const wholeNumbers = [7, -3, 0];
/** Ends of the range, for ops that stay in it. */
const farNumbers = [...wholeNumbers, 2_147_483_647, -2_147_483_648];
const integerOps: readonly BinaryOp[] = ['add', 'sub', 'mul', 'maximum', 'minimum'];
const overflowing: readonly string[] = ['add', 'sub', 'mul'];
/** Scalars, nothing, odd sizes, and one past 2¹⁵ elements. */
const shapes = [[], [0], [3, 7], [33_001]] as const;

/** A number beside a tensor means the scalar of that dtype: the same bits on either side, and the same gradient. */
async function sameAsScalar(
  check: Check,
  x: HostArray,
  values: readonly number[],
  apply: Pair,
  withGradient: boolean,
): Promise<void> {
  const [plain, filled] = await Promise.all(
    [false, true].map((fill) =>
      check.device.run(() => {
        const tensor = check.device.write(x);
        const operand = (value: number): TensorLike =>
          fill ? core.scalar(value, { dtype: tensor.dtype, backend: tensor.backend }) : value;
        return values.flatMap((value) => {
          const results = [apply(tensor, operand(value)), apply(operand(value), tensor)];
          if (!withGradient) return results;
          const gradientOf = (fn: (y: Tensor) => Tensor): Tensor => core.grad((y: Tensor) => core.sum(fn(y)))(tensor);
          return [...results, gradientOf((y) => apply(y, operand(value))), gradientOf((y) => apply(operand(value), y))];
        });
      }),
    ),
  );
  check.compareAll(plain as HostArray[], filled as HostArray[], {
    measure: 'value',
    opClass: 'exact',
    what: `of [${String(x.shape)}] and a number`,
  });
}

const named = (op: string, what: string): Parameters<typeof defineCase>[0] => ({
  name: `${op}: value, ${what}`,
  group: 'literals',
  op,
  kind: 'value',
});

/** Numbers where ops take tensors. */
export const literalCases: readonly ConformanceCase[] = [
  ...[...binaryOps, ...compareOps].map((op) =>
    defineCase(named(op, 'beside a number'), async (check) => {
      const withGradient = (binaryOps as readonly string[]).includes(op);
      for (const shape of shapes) {
        const few = shape.length === 1 && shape[0] > 100 ? numbers.slice(0, 1) : numbers;
        await sameAsScalar(check, check.sample.floats(shape), few, core[op], withGradient);
      }
    }),
  ),
  ...[...integerOps, ...compareOps].map((op) =>
    defineCase(named(op, 'of integers beside a whole number'), (check) =>
      sameAsScalar(
        check,
        check.sample.integers([3, 7], -9, 9),
        overflowing.includes(op) ? wholeNumbers : farNumbers,
        core[op],
        false,
      ),
    ),
  ),
  defineCase(named('select', 'of a number'), async (check) => {
    for (const shape of shapes) {
      const condition = check.sample.integers(shape, 0, 2);
      const few = shape.length === 1 && shape[0] > 100 ? numbers.slice(0, 1) : numbers;
      const choose: Pair = (a, b) => core.select(check.device.write(condition), a, b);
      await sameAsScalar(check, check.sample.floats(shape), few, choose, true);
    }
  }),
  defineCase(named('select', 'of two numbers'), async (check) => {
    const condition = check.sample.integers([4, 5], 0, 2);
    const actual = await check.device.run(() => [core.select(check.device.write(condition), 2, -1)]);
    const expected = { ...condition, kind: 'float' as const, values: condition.values.map((c) => (c === 0 ? -1 : 2)) };
    check.compareAll(actual, [expected], { measure: 'value', opClass: 'exact', what: 'the choice' });
  }),
];
