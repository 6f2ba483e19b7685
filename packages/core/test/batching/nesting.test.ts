import { beforeEach, describe, expect, test } from 'vitest';
import * as tg from '../../src/index.js';
import type { Tensor } from '../../src/index.js';
import { backend, distance, live, loop, random } from './support.js';

/** `tg.vmap`, or the loop that it stands for: what holds for the one must hold for the other. */
type Map = <X, Y>(fn: (x: X) => Y) => (x: X) => Y;

const looped: Map = (fn) => (x) => loop(fn, x);

beforeEach(() => {
  tg.useBackend(backend);
  const before = live();
  return () => expect(live(), 'live buffers').toBe(before);
});

/** Evaluates a program under `vmap` and under the loop, and returns the largest difference. */
function gap(program: (map: Map) => unknown): number {
  return tg.scope(() => distance(program(tg.vmap), program(looped)));
}

/** Functions of a vector of 4, by what they go through. */
const functions: Record<string, (x: Tensor) => Tensor> = {
  elementwise: (x) => tg.sum(tg.mul(tg.tanh(x), tg.exp(tg.sub(tg.sigmoid(x), tg.abs(x))))),
  quotients: (x) =>
    tg.sum(tg.div(tg.pow(tg.add(tg.mul(x, x), 1), tg.sin(x)), tg.sqrt(tg.add(tg.log1p(tg.mul(x, x)), 2)))),
  competition: (x) =>
    tg.sum(tg.mul(tg.maximum(x, tg.flip(x)), tg.select(tg.less(x, 0), tg.minimum(x, 0.25), tg.relu(x)))),
  product: (x) =>
    tg.sum(tg.tanh(tg.matmul(tg.reshape(x, [2, 2]), tg.matmul(tg.reshape(x, [2, 2]), random([2, 3], 9))))),
  'product, weight first': (x) => tg.sum(tg.tanh(tg.matmul(random([3, 4], 8), tg.reshape(x, [4, 1])))),
  reductions: (x) => tg.mul(tg.max(x), tg.sum(tg.mul(tg.max(tg.reshape(x, [2, 2]), { axes: 0 }), tg.mean(x)))),
  layout: (x) => {
    const square = tg.transpose(tg.reshape(x, [2, 2]));
    const joined = tg.concat([square, tg.sliceAxis(square, 0, 1), tg.broadcastTo(tg.sum(x), [1, 2])]);
    return tg.sum(tg.mul(joined, tg.mul(joined, random([4, 2], 7))));
  },
  rows: (x) => {
    const indices = tg.tensor([1, 0, 1, 1], { dtype: 'i32' });
    const table = tg.scatterAdd(indices, tg.mul(x, x), 2);
    return tg.sum(tg.mul(tg.gather(table, indices), tg.tanh(x)));
  },
  'rows by a batch of numbers': (x) => {
    const indices = tg.cast(tg.floor(tg.mul(tg.add(x, 1), 2)), 'i32');
    return tg.sum(
      tg.mul(tg.gather(random([4, 2], 6), indices), tg.scatterAdd(indices, tg.reshape(tg.mul(x, x), [4, 1]), 4)),
    );
  },
  'fused ops': (x) => {
    const rows = tg.reshape(x, [2, 2]);
    const logits = tg.layerNorm(tg.linear(rows, random([3, 2], 5), random([3], 4)), random([3], 3), random([3], 2));
    const loss = tg.softmaxCrossEntropy(logits, tg.tensor([2, 0], { dtype: 'i32' }), 0.1);
    return tg.add(tg.sum(loss), tg.globalNorm([x, rows]));
  },
  stopGradient: (x) => tg.sum(tg.mul(tg.mul(x, x), tg.stopGradient(tg.tanh(x)))),
  'linear scan': (x) => tg.sum(tg.linearScan(tg.reshape(x, [2, 2]), tg.tanh(tg.reshape(x, [2, 2])), random([2], 1))),
  lstm: (x) => {
    const cell = tg.lstmCell({ hiddenSize: 2 });
    const params = {
      weight_ih: random([8, 1], 1),
      weight_hh: random([8, 2], 2),
      bias_ih: random([8], 3),
      bias_hh: random([8], 4),
    };
    const carry = { h: random([2, 2], 5), c: tg.reshape(x, [2, 2]) };
    const mask = tg.tensor([[1, 0], [1, 1]], { dtype: 'i32' }); // prettier-ignore
    const { output, carry: after } = tg.scan(cell, params, carry, tg.reshape(x, [2, 2, 1]), { mask });
    return tg.sum(tg.mul(tg.add(tg.sum(output), after.c), after.h));
  },
};

/** Transformations nested every way; `t` is a direction, `batch` some rows of 4, `deep` a batch of batches. */
const nestings: Record<string, (map: Map, fn: (x: Tensor) => Tensor) => unknown> = {
  'vmap of grad': (map, fn) => map(tg.grad(fn))(random([3, 4], 20)),
  'grad of vmap': (map, fn) => tg.grad((x: Tensor) => tg.sum(tg.mul(map(fn)(x), random([3], 21))))(random([3, 4], 20)),
  'vmap over the cotangents of a pullback': (map, fn) => {
    using pullback = tg.vjp((x: Tensor) => tg.mul(fn(x), x), random([4], 22)).pullback;
    return map(pullback)(random([3, 4], 23));
  },
  'vmap over the tangents of jvp': (map, fn) => {
    const x = random([4], 22);
    return map((t: Tensor) => tg.jvp((y: Tensor) => tg.mul(fn(y), y), x, t))(random([3, 4], 23));
  },
  'vmap of jvp': (map, fn) =>
    map(([x, t]: [Tensor, Tensor]) => tg.jvp(fn, x, t))([random([3, 4], 20), random([3, 4], 21)]),
  'jvp of vmap': (map, fn) => tg.jvp(map(fn), random([3, 4], 20), random([3, 4], 21)),
  'vmap of vmap': (map, fn) => map(map(fn))(random([2, 3, 4], 24)),
  'vmap of vmap of grad': (map, fn) => map(map(tg.grad(fn)))(random([2, 3, 4], 24)),
  'vmap of grad of vmap': (map, fn) => map(tg.grad((x: Tensor) => tg.sum(map(fn)(x))))(random([2, 3, 4], 24)),
  'grad of vmap of grad': (map, fn) =>
    tg.grad((x: Tensor) => tg.sum(tg.mul(map(tg.grad(fn))(x), random([3, 4], 21))))(random([3, 4], 20)),
  'jvp of vmap of grad (products with Hessians)': (map, fn) =>
    tg.jvp(map(tg.grad(fn)), random([3, 4], 20), random([3, 4], 21)),
  'vmap of jvp of grad, over directions': (map, fn) => {
    const x = random([4], 22);
    return map((t: Tensor) => tg.jvp(tg.grad(fn), x, t).tangent)(random([3, 4], 23));
  },
  'grad of a norm of Jacobians': (map, fn) =>
    tg.grad((x: Tensor) => {
      using pullback = tg.vjp((y: Tensor) => tg.mul(fn(y), y), x).pullback;
      const jacobian = map(pullback)(random([3, 4], 23));
      return tg.sum(tg.mul(jacobian, jacobian));
    })(random([4], 22)),
  'vmap of two arguments, each nested in its turn': (map, fn) => {
    const [a, b] = [random([2, 4], 25), random([3, 4], 26)];
    return map((x: Tensor) => map((y: Tensor) => fn(tg.mul(x, y)))(b))(a);
  },
};

describe.each(Object.keys(functions))('of %s, vmap is the loop:', (name) => {
  test.each(Object.keys(nestings))('%s', (nesting) => {
    const difference = gap((map) => nestings[nesting]!(map, functions[name]!));
    expect(difference).toBeLessThan(1e-11);
  });
});

test("each row's gradient of a loss with respect to parameters, in one pass", () => {
  const gradients = (map: Map): unknown => {
    const params = { w: random([3, 4], 1), b: random([3], 2) };
    const loss = (p: typeof params, x: Tensor): Tensor => tg.sum(tg.tanh(tg.linear(x, p.w, p.b)));
    return map((x: Tensor) => tg.grad(loss)(params, x))(random([5, 2, 4], 3));
  };
  expect(gap(gradients)).toBeLessThan(1e-13);
});

test('a batch of some thousand rows is no more backend calls than a batch of two', () => {
  const calls = (rows: number): number => {
    let count = 0;
    const counting = new Proxy(backend, {
      get: (target, key) => {
        const member = Reflect.get(target, key) as unknown;
        if (typeof member !== 'function' || key === 'release') return member;
        return (...args: unknown[]): unknown => {
          count++;
          return Reflect.apply(member, target, args);
        };
      },
    });
    tg.withBackend(counting, () => {
      tg.scope(() => {
        const w = tg.fromArray([1, 2, 3, 4], [2, 2]);
        const x = tg.zeros([rows, 2]);
        count = 0;
        tg.vmap(tg.grad((row: Tensor) => tg.sum(tg.tanh(tg.linear(row, w)))))(x);
      });
    });
    return count;
  };
  expect(calls(4000)).toBe(calls(2));
});
