import { createBackend } from '@tempograd/backend-js';
import { describe, expect, test } from 'vitest';
import * as tg from '../src/index.js';

const backend = createBackend();
tg.useBackend(backend);

type Fn = (x: tg.Tensor, y: tg.Tensor) => unknown;

const like = (x: tg.Tensor) => ({ dtype: x.dtype as 'f32' | 'f64' });

/** Functions of x [3, 4] and y [4, 3]. */
const functions: Readonly<Record<string, Fn>> = {
  'elementwise ops': (x) => [
    tg.neg(x), tg.abs(x), tg.sign(x), tg.floor(x), tg.exp(x), tg.log(tg.abs(x)), tg.log1p(tg.abs(x)), tg.sqrt(tg.abs(x)),
    tg.sin(x), tg.cos(x), tg.tanh(x), tg.sigmoid(x), tg.relu(x),
  ],
  'ops of two, with numbers on either side': (x, y) => [
    tg.add(x, 0.1), tg.sub(0.1, x), tg.mul(x, tg.transpose(y)), tg.div(1, x), tg.pow(tg.abs(x), 1.7), tg.maximum(x, 0.2),
    tg.minimum(tg.row(x, 0), x), tg.add(1, 2),
  ],
  'comparisons and choices': (x, y) => [
    tg.less(x, 0), tg.lessEqual(tg.transpose(y), x), tg.equal(x, x), tg.select(tg.less(x, 0.1), NaN, x), tg.select(tg.less(x, 0), 0, 1),
  ],
  'products and sums': (x, y) => [
    tg.matmul(x, y), tg.matmul(x, x, { transposeB: true }), tg.matmul(x, x, { transposeA: true }), tg.sum(x), tg.sum(x, { axes: -1 }),
    tg.max(x, { axes: 0, keepAxes: true }), tg.mean(x),
  ],
  layouts: (x, y) => [
    tg.reshape(x, [2, 6]), tg.transpose(x), tg.broadcastTo(x, [2, 3, 4]), tg.slice(x, [1, 0], [2, 3]), tg.concat([x, tg.transpose(y)]),
    tg.flip(x, 1), tg.stack([x, x], 1), tg.cast(x, 'i32'),
  ],
  rows: (x) => {
    const rows = tg.tensor([2, 0, 2], { dtype: 'i32' });
    return [tg.gather(x, rows), tg.scatterAdd(rows, x, 4)];
  },
  'tensors made inside': (x) => [
    tg.zerosLike(x), tg.add(x, tg.full([4], 0.1, like(x))), tg.mul(tg.uniform(tg.key(3), [3, 4], like(x)), x),
    tg.mul(tg.scalar(2, like(x)), tg.scalar(3, like(x))), tg.exp(tg.scalar(0.5, like(x))),
    tg.bernoulli(tg.key(4), 0.5, [3, 4], like(x)),
  ],
  'ops with a fused path': (x, y) => [
    tg.linear(x, x, tg.row(y, 0)), tg.layerNorm(x, tg.row(x, 0), tg.row(x, 1)), tg.globalNorm([x, y]),
    tg.softmaxCrossEntropy(x, tg.tensor([1, -1, 3], { dtype: 'i32' }), 0.1), tg.linearScan(x, x, tg.row(x, 2)),
  ],
  'a gradient': (x, y) => tg.grad((a: tg.Tensor) => tg.sum(tg.tanh(tg.matmul(a, y))))(x),
  'a gradient of a gradient': (x, y) =>
    tg.grad((a: tg.Tensor) => tg.sum(tg.mul(tg.grad((b: tg.Tensor) => tg.sum(tg.exp(tg.matmul(b, y))))(a), a)))(x),
  'a jvp of a gradient': (x, y) =>
    tg.jvp(tg.grad((a: tg.Tensor) => tg.sum(tg.sigmoid(tg.matmul(a, y)))), x, tg.ones([3, 4], like(x))),
  // One cotangent comes to the same value twice.
  'a gradient of what is added to itself': (x) => tg.grad((a: tg.Tensor) => tg.sum(tg.add(a, tg.add(a, tg.sin(a)))))(x),
  'a gradient added to itself': (x) => {
    const { pullback } = tg.vjp((a: tg.Tensor) => tg.add(a, 1), x);
    const cotangent = tg.neg(x);
    return pullback.accumulate(cotangent, cotangent);
  },
  'a gradient stopped': (x, y) => tg.grad((a: tg.Tensor) => tg.sum(tg.matmul(tg.mul(a, tg.stopGradient(a)), y)))(x),
  'an LSTM over time': (x, y) => {
    const cell = tg.lstmCell({ hiddenSize: 1 });
    const params = { weight_ih: x, weight_hh: tg.reshape(tg.row(x, 0), [4, 1]) };
    const small = tg.slice(params.weight_ih, [0, 0], [3, 4]);
    const weights = { ...params, weight_ih: tg.concat([small, tg.slice(small, [0, 0], [1, 4])]) };
    const input = tg.reshape(tg.transpose(y), [3, 1, 4]);
    return tg.scan(cell, weights, cell.initialCarry(1, like(x)), input);
  },
  'its arguments': (x, y) => ({ y, x, nothing: null, list: [x] }),
}; // prettier-ignore

const samples = (dtype: 'f32' | 'f64'): [tg.Tensor, tg.Tensor] => [
  tg.normal(tg.key(1), [3, 4], { dtype }),
  tg.normal(tg.key(2), [4, 3], { dtype }),
];

function bits(tree: unknown): unknown {
  return tg.treeEntries(tree).map(([path, x]) => [path, x.dtype, x.shape, x.readSync()]);
}

describe.each(['f32', 'f64'] as const)('interpreted in %s, bit for bit as run', (dtype) => {
  test.each(Object.entries(functions))('%s', (_, fn) => {
    const before = backend.memory().buffers;
    tg.scope(() => {
      const args = samples(dtype);
      const direct = tg.withoutFusedOps(() => fn(...args));
      using program = tg.trace(fn, ...args);
      expect(bits(tg.interpret(program, ...args))).toEqual(bits(direct));
      // Traced anew, a program is itself.
      using again = tg.trace((x: tg.Tensor, y: tg.Tensor) => tg.interpret(program, x, y), ...args);
      expect(again.data.equations).toEqual(program.data.equations);
      expect(bits(tg.interpret(again, ...args))).toEqual(bits(direct));
    });
    expect(backend.memory().buffers).toBe(before);
  });
});

const differentiable = Object.entries(functions).filter(([name]) => name !== 'its arguments');

describe('an interpreted program differentiates as its function', () => {
  const total = (tree: unknown): tg.Tensor =>
    tg
      .treeLeaves(tree)
      .filter(({ dtype }) => dtype !== 'i32')
      .map((y) => tg.sum(tg.mul(y, y)))
      .reduce((a, b) => tg.add(a, tg.cast(b, 'f64')), tg.scalar(0, { dtype: 'f64' }));

  test.each(differentiable)('%s', (_, fn) => {
    tg.scope(() => {
      const args = samples('f64');
      using program = tg.trace(fn, ...args);
      const direct = tg.withoutFusedOps(() => tg.grad((a: typeof args) => total(fn(...a)))(args));
      const interpreted = tg.grad((a: typeof args) => total(tg.interpret(program, ...a)))(args);
      const [expected, actual] = [direct, interpreted].map((tree) => tg.treeLeaves(tree).map((x) => x.readSync()));
      expected!.forEach((values, leaf) =>
        values.forEach((value, i) => {
          if (Number.isNaN(value)) expect(actual![leaf]![i]).toBeNaN();
          else expect(Math.abs(actual![leaf]![i]! - value)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(value)));
        }),
      );
    });
  });
});

test('what is closed over and differentiated outside keeps its gradient', () => {
  tg.scope(() => {
    const [x, y] = samples('f64');
    const f = (a: tg.Tensor): tg.Tensor => {
      const program = tg.trace((b: tg.Tensor) => tg.matmul(tg.mul(a, a), b), y);
      return tg.sum(tg.interpret(program, y));
    };
    const direct = tg.grad((a: tg.Tensor) => tg.sum(tg.matmul(tg.mul(a, a), y)))(x);
    expect(bits(tg.grad(f)(x))).toEqual(bits(direct));
  });
});

test('a pullback taken outside, of a fused op too, is traced', () => {
  const before = backend.memory().buffers;
  tg.scope(() => {
    const [x, y] = samples('f64');
    using pullback = tg.vjp((a: tg.Tensor) => tg.linear(a, a, tg.row(y, 0)), x).pullback;
    const cotangent = tg.ones([3, 3], { dtype: 'f64' });
    using program = tg.trace((c: tg.Tensor) => pullback(c), cotangent);
    const [expected, actual] = [pullback(cotangent), tg.interpret(program, cotangent)].map((t) => [...t.readSync()]);
    expected!.forEach((value, i) => expect(actual![i]).toBeCloseTo(value, 12));
  });
  expect(backend.memory().buffers).toBe(before);
});

test('functions traced inside a traced function stand in it', () => {
  tg.scope(() => {
    const [x, y] = samples('f64');
    const outer = (a: tg.Tensor, b: tg.Tensor): tg.Tensor => {
      const inner = tg.trace((c: tg.Tensor) => tg.add(tg.matmul(a, c), 1), b);
      return tg.tanh(tg.interpret(inner, b));
    };
    using program = tg.trace(outer, x, y);
    expect(program.constants).toEqual([]);
    expect(program.data.equations.map(({ primitive }) => primitive)).toEqual(['matmul', 'add', 'tanh']);
    expect(bits(tg.interpret(program, x, y))).toEqual(bits(outer(x, y)));
  });
});

test('traced functions batch, and batched functions are traced', () => {
  tg.scope(() => {
    const [x, y] = samples('f64');
    const f = (a: tg.Tensor): tg.Tensor => tg.tanh(tg.sum(tg.mul(tg.stopGradient(a), tg.transpose(y)), { axes: 1 }));
    const direct = tg.vmap((row: tg.Tensor) => f(tg.add(x, row)))(x);
    using rowProgram = tg.trace((row: tg.Tensor) => f(tg.add(x, row)), tg.row(x, 0));
    const batched = tg.vmap((row: tg.Tensor) => tg.interpret(rowProgram, row))(x);
    expect(bits(batched)).toEqual(bits(direct));
    using program = tg.trace(
      tg.vmap((row: tg.Tensor) => f(tg.add(x, row))),
      x,
    );
    expect(bits(tg.interpret(program, x))).toEqual(bits(direct));
  });
});
