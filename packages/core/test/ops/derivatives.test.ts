import { createBackend } from '@tempograd/backend-js';
import { beforeEach, describe, expect, test } from 'vitest';
import * as tg from '../../src/index.js';
import { fromArray, grad, jvp, keep, mul, scope, sum, tensor, useBackend, vmap, type Tensor } from '../../src/index.js';
import { deviceLike } from './support.js';

const sync = createBackend();
const device = deviceLike();
const f64 = { dtype: 'f64' } as const;

/** Three rows of four, all apart, with signs, none at a kink. */
const values = [0.3, -1.7, 2.2, 0.9, -0.6, 1.3, -2.4, 0.1, 1.9, -0.2, 0.7, -1.1];
const shape = [3, 4];

type Fn = (x: Tensor) => Tensor;
const cases: readonly [name: string, fn: Fn][] = [
  ['softmax', (x) => tg.softmax(x)],
  ['softmax along the first axis', (x) => tg.softmax(x, { axis: 0 })],
  ['softmax with a mask', (x) => tg.softmax(x, { mask: tg.less(x, 1) })],
  ['logSoftmax', (x) => tg.logSoftmax(x)],
  ['logSumExp', (x) => tg.logSumExp(x, { axes: 0 })],
  ['softplus', tg.softplus],
  ['logSigmoid', tg.logSigmoid],
  ['silu', tg.silu],
  ['gelu', tg.gelu],
  ['leakyRelu', (x) => tg.leakyRelu(x, 0.1)],
  ['elu', (x) => tg.elu(x, 1.5)],
  ['clamp', (x) => tg.clamp(x, -1, 1)],
  ['min', (x) => tg.min(x, { axes: 1 })],
  ['prod', (x) => tg.prod(x, { axes: 0 })],
  ['variance', (x) => tg.variance(x, { axes: 1 })],
  ['std', (x) => tg.std(x, { axes: 0, correction: 0 })],
  ['norm', (x) => tg.norm(x, { axes: 1 })],
  ['norm 1', (x) => tg.norm(x, { order: 1 })],
  ['norm ∞', (x) => tg.norm(x, { order: Infinity })],
  ['cumsum', (x) => tg.cumsum(x, { axis: 1 })],
  ['cumprod', (x) => tg.cumprod(x, { axis: 1, reverse: true })],
  ['cummax', (x) => tg.cummax(x, { axis: 0 })],
  ['sort', (x) => tg.sort(x, { axis: 0 })],
  ['topK', (x) => tg.topK(x, 2).values],
  ['takeAlong', (x) => tg.takeAlong(x, tg.argsort(x), 1)],
  ['takeAlong, largest', (x) => tg.takeAlong(x, tg.argmax(x, { keepAxes: true }), -1)],
  ['gather along an axis', (x) => tg.gather(x, tensor([1, 1, 0], { dtype: 'i32' }), 1)],
  ['where', (x) => tg.where(tg.greater(x, 0), tg.mul(x, x), x)],
  ['roll', (x) => tg.roll(x, 1, 1)],
  ['pad', (x) => tg.pad(x, [[1, 0], [0, 2]])], // prettier-ignore
  ['tile', (x) => tg.tile(x, [2, 1])],
  ['repeatEach', (x) => tg.repeatEach(x, 3, 1)],
  ['splitAxis', (x) => tg.splitAxis(x, [1, 3], 1)[1] as Tensor],
  ['tril', (x) => tg.tril(x)],
  ['outer', (x) => tg.outer(tg.row(x, 0), tg.row(x, 1))],
  ['dot', (x) => tg.dot(tg.row(x, 0), tg.row(x, 1))],
];

const numbers = (x: Tensor): Promise<number[]> => x.read().then((list) => [...list]);
const close = (actual: readonly number[], expected: readonly number[], digits: number): void => {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, index) => expect(value, `element ${index}`).toBeCloseTo(expected[index] as number, digits));
};

beforeEach(() => {
  const before = [sync, device].map((backend) => backend.memory().buffers);
  return () =>
    expect(
      [sync, device].map((backend) => backend.memory().buffers),
      'live buffers',
    ).toEqual(before);
});

/** What takes another way where values cannot be read. */
const onDevice = cases.filter(([name]) => /sort|topK|takeAlong/.test(name));

describe.each([
  ['where values can be read at once', sync, cases],
  ['where they cannot', device, onDevice],
] as const)('derivatives, %s', (_, backend, each) => {
  test.each(each)('%s', async (_name, fn) => {
    useBackend(backend);
    const made: Tensor[] = [];
    const held = <T extends Tensor>(x: T): T => (made.push(keep(x)), x);
    const at = (list: readonly number[]): Tensor => held(fromArray(list, shape, f64));
    try {
      const weights = held(
        scope(() => {
          const like = fn(fromArray(values, shape, f64));
          const size = like.size;
          return fromArray(
            Float64Array.from({ length: size }, (_each, index) => 1 + ((index * 7) % 5)),
            like.shape,
            f64,
          );
        }),
      );
      const weighed = (x: Tensor): Tensor => sum(mul(fn(x), weights));
      const value = async (list: readonly number[]): Promise<number> => {
        const result = held(scope(() => weighed(at(list))));
        return (await numbers(result))[0] as number;
      };
      const gradient = await numbers(held(grad(weighed)(at(values))));
      const step = 1e-6;
      const differences: number[] = [];
      for (const index of values.keys()) {
        const moved = (by: number): Promise<number> => value(values.map((v, k) => (k === index ? v + by : v)));
        differences.push(((await moved(step)) - (await moved(-step))) / (2 * step));
      }
      close(gradient, differences, 6);
      const direction = values.map((_value, index) => ((index * 5) % 7) - 3);
      const tangent = scope(() => jvp(weighed, at(values), at(direction)).tangent);
      const expected = gradient.reduce((total, g, index) => total + g * (direction[index] as number), 0);
      close(await numbers(held(tangent)), [expected], 9);

      const rows = [values, direction.map((d, index) => d + index / 16)];
      const batch = held(fromArray(rows.flat(), [2, ...shape], f64));
      const batched = await numbers(held(vmap(grad(weighed))(batch)));
      const apart: number[] = [];
      for (const row of rows) apart.push(...(await numbers(held(grad(weighed)(at(row))))));
      close(batched, apart, 12);
      const traced = tg.trace(fn, at(values));
      const again = scope(() => tg.interpret(traced, at(values)));
      const plain = held(scope(() => fn(at(values))));
      close(await numbers(held(again)), await numbers(plain), 12);
      traced.dispose();
    } finally {
      for (const x of made) x.dispose();
    }
  });
});

describe('gradients where a function has a kink', () => {
  const at = async (fn: Fn, list: readonly number[]): Promise<number[]> => {
    useBackend(sync);
    const gradient = scope(() => grad((x: Tensor) => sum(fn(x)))(tensor([...list], f64)));
    const result = await numbers(gradient);
    gradient.dispose();
    return result;
  };
  test.each<[name: string, fn: Fn, at: number[], expected: number[]]>([
    ['prod with a 0', (x) => tg.prod(x), [2, 0, 3], [0, 6, 0]],
    ['prod with two 0', (x) => tg.prod(x), [0, 0, 3], [0, 0, 0]],
    ['std of equal ones', (x) => tg.std(x), [2, 2, 2], [0, 0, 0]],
    ['norm of zeros', (x) => tg.norm(x), [0, 0], [0, 0]],
    ['clamp at its ends', (x) => tg.clamp(x, -1, 1), [-1, 1, 2], [1, 1, 0]],
    ['softplus at 0', tg.softplus, [0, 800, -800], [0.5, 1, 0]],
    ['gelu where x³ overflows', tg.gelu, [1e200, -1e200], [1, 0]],
    ['min of equal ones', (x) => tg.min(x), [1, 1, 5], [0.5, 0.5, 0]],
    ['logSumExp of −∞', (x) => tg.logSumExp(x), [-Infinity, -Infinity], [0, 0]],
    ['softmax with −∞', (x) => mul(tg.softmax(x), tensor([1, 2, 3], f64)), [-Infinity, 0, 0], [0, -0.25, 0.25]],
    ['floor and its like', (x) => tg.add(tg.ceil(x), tg.round(x)), [0.3, 1.5], [0, 0]],
    ['sort of equal ones', (x) => mul(tg.sort(x), tensor([1, 2, 3], f64)), [5, 5, 1], [2, 3, 1]],
    [
      'softmax with a mask over NaN',
      (x) => mul(tg.softmax(x, { mask: tensor([1, 1, 0], { dtype: 'i32' }) }), tensor([1, 2, 3], f64)),
      [0, 0, NaN],
      [-0.25, 0.25, 0],
    ],
  ])('%s', async (_name, fn, list, expected) => {
    const actual = await at(fn, list);
    expect(actual.map((value) => value + 0)).toEqual(expected);
  });
});
