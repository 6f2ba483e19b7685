import { createBackend } from '@tempograd/backend-js';
import { beforeEach, describe, expect, test } from 'vitest';
import * as tg from '../src/index.js';
import type { Tensor } from '../src/index.js';

const backend = createBackend();
beforeEach(() => tg.useBackend(backend));

const random = (shape: number[], seed: number): Tensor => tg.normal(tg.key(seed), shape, { dtype: 'f64' });

describe('pullback.accumulate', () => {
  test('adds to gradients so far, which it takes over', () => {
    const before = backend.memory().buffers;
    tg.scope(() => {
      const x = { a: random([3], 1), b: random([3], 2) };
      const { value, pullback } = tg.vjp(({ a, b }: typeof x) => tg.sum(tg.mul(tg.mul(a, b), a)), x);
      const seed = tg.onesLike(value);
      const plain = pullback(seed);
      const soFar = { a: random([3], 3), b: null as unknown as Tensor };
      const expected = [...tg.add(soFar.a, plain.a).readSync()];
      const added = pullback.accumulate(seed, soFar);
      added.a.readSync().forEach((x1, index) => expect(x1).toBeCloseTo(expected[index]!, 14));
      expect(added.b.readSync()).toEqual(plain.b.readSync());
      expect(() => soFar.a.readSync()).toThrow(tg.LifetimeError);
      pullback.dispose();
    });
    expect(backend.memory().buffers).toBe(before);
  });

  test('what others hold of the gradients so far keeps its values', () => {
    tg.scope(() => {
      const cell = tg.rnnCell({ hiddenSize: 2 });
      const params = { weight_ih: random([2, 2], 1), weight_hh: random([2, 2], 2) };
      const run = (p: typeof params): Tensor =>
        tg.sum(tg.scan(cell, p, tg.zeros([1, 2], { dtype: 'f64' }), input).output);
      const input = random([4, 1, 2], 3);
      const { value, pullback } = tg.vjp(run, params);
      const soFar = pullback(tg.onesLike(value));
      const held = tg.shareTree(soFar);
      const kept = [...held.weight_hh.readSync()];
      const twice = pullback.accumulate(tg.onesLike(value), soFar);
      expect([...held.weight_hh.readSync()]).toEqual(kept);
      expect([...twice.weight_hh.readSync()]).toEqual(kept.map((x) => 2 * x));
      tg.disposeTree(held);
      pullback.dispose();
    });
  });

  test('a tree of another form is refused with its path', () => {
    tg.scope(() => {
      const x = { a: random([3], 1) };
      const { value, pullback } = tg.vjp(({ a }: typeof x) => tg.sum(a), x);
      const wrong = { b: random([3], 1) } as unknown as typeof x;
      expect(() => pullback.accumulate(tg.onesLike(value), wrong)).toThrow(
        /gradients so far are not a tree like the argument/,
      );
      pullback.dispose();
    });
  });

  test.each<[string, (good: Tensor) => unknown, new (message: string) => Error, RegExp]>([
    ['a shape that broadcasts', (a) => ({ a, b: tg.zeros([1], { dtype: 'f64' }) }), tg.ShapeError, /at "b" has shape/],
    ['another dtype', (a) => ({ a, b: tg.zeros([3]) }), tg.DTypeError, /at "b" is f32/],
    [
      'another backend',
      (a) => ({ a, b: tg.zeros([3], { dtype: 'f64', backend: createBackend() }) }),
      tg.BackendError,
      /at "b" is on the backend/,
    ],
    [
      'one that was disposed of',
      (a) => {
        const b = random([3], 4);
        b.dispose();
        return { a, b };
      },
      tg.LifetimeError,
      /used after it was disposed of/,
    ],
  ])('gradients so far of %s are refused, and nothing is taken over', (_, made, kind, message) => {
    const before = backend.memory().buffers;
    tg.scope(() => {
      const x = { a: random([3], 1), b: random([3], 2) };
      const { value, pullback } = tg.vjp(({ a, b }: typeof x) => tg.sum(tg.mul(a, b)), x);
      const good = random([3], 3);
      const kept = [...good.readSync()];
      const given = made(good) as typeof x;
      const pulled = (): unknown => pullback.accumulate(tg.onesLike(value), given);
      expect(pulled).toThrow(kind);
      expect(pulled).toThrow(message);
      expect([...good.readSync()]).toEqual(kept);
      pullback.dispose();
    });
    expect(backend.memory().buffers).toBe(before);
  });

  test('one tensor may be several gradients so far, and the cotangent too', () => {
    const before = backend.memory().buffers;
    tg.scope(() => {
      const x = { a: tg.tensor([1, 2]), b: tg.tensor([3, 4]) };
      const { pullback } = tg.vjp(({ a, b }: typeof x) => tg.mul(a, b), x);
      const seed = tg.tensor([10, 100]);
      const { a, b } = pullback.accumulate(seed, { a: seed, b: seed });
      expect([...a.readSync(), ...b.readSync()]).toEqual([40, 500, 20, 300]);
      expect(() => seed.readSync()).toThrow(tg.LifetimeError);
      pullback.dispose();
    });
    expect(backend.memory().buffers).toBe(before);
  });

  test('both biases of a cell may start from one tensor', () => {
    tg.scope(() => {
      const cell = tg.rnnCell({ hiddenSize: 2 });
      const params = {
        weight_ih: random([2, 3], 1),
        weight_hh: random([2, 2], 2),
        bias_ih: random([2], 3),
        bias_hh: random([2], 4),
      };
      const start = tg.zeros([1, 2], { dtype: 'f64' });
      const run = (p: typeof params): Tensor => tg.sum(tg.scan(cell, p, start, random([4, 1, 3], 5)).output);
      const { value, pullback } = tg.vjp(run, params);
      const plain = pullback(tg.onesLike(value));
      const bias = tg.tensor([1, 2], { dtype: 'f64' });
      const none = null as unknown as Tensor;
      const soFar = { weight_ih: none, weight_hh: none, bias_ih: bias, bias_hh: bias };
      const added = pullback.accumulate(tg.onesLike(value), soFar);
      for (const name of ['bias_ih', 'bias_hh'] as const) {
        expect([...added[name].readSync()]).toEqual([...plain[name].readSync()].map((g, index) => index + 1 + g));
      }
      pullback.dispose();
    });
  });

  test('weights that are one tensor are handed to the backend once, and give the bits of a sum', () => {
    const real: tg.Backend = backend as object as tg.Backend;
    const given: (object | undefined)[][] = [];
    const spied: tg.Backend = {
      ...real,
      recurrentBackward: (args) => {
        const { weightIh, weightHh, biasIh, biasHh } = args.into!;
        given.push([weightIh, weightHh, biasIh, biasHh].map((x) => x?.handle));
        return real.recurrentBackward!(args);
      },
    };
    const apart: tg.Backend = {
      ...real,
      recurrentBackward: (args) => real.recurrentBackward!({ ...args, into: null }),
    };
    const gradients = [spied, apart].map((each) =>
      tg.withBackend(each, () =>
        tg.scope(() => {
          const x = { weight: tg.normal(tg.key(1), [9, 3]), bias: tg.normal(tg.key(2), [9]) };
          const input = tg.normal(tg.key(3), [6, 2, 3]);
          const { value, pullback } = tg.vjp(({ weight, bias }: typeof x) => {
            const weights = { weightIh: weight, weightHh: weight, biasIh: bias, biasHh: bias };
            const carry = [tg.zeros([2, 3])];
            return tg.sum(tg.recurrent({ cell: 'gru', input, carry, ...weights }).output);
          }, x);
          const soFar = { weight: tg.normal(tg.key(4), [9, 3]), bias: tg.normal(tg.key(5), [9]) };
          const total = pullback.accumulate(tg.onesLike(value), soFar);
          pullback.dispose();
          return tg.treeLeaves(total).map((leaf) => [...leaf.readSync()]);
        }),
      ),
    );
    expect(given).toEqual([[expect.anything(), undefined, expect.anything(), undefined]]);
    expect(gradients[0]).toEqual(gradients[1]);
  });

  test('integers have no gradient, and what is so far of them is taken over', () => {
    const before = backend.memory().buffers;
    tg.scope(() => {
      const x = { a: random([2], 1), n: tg.tensor([1, 2], { dtype: 'i32' }) };
      const { value, pullback } = tg.vjp(({ a }: typeof x) => tg.sum(a), x);
      const soFar = tg.keep(tg.tensor([5, 6], { dtype: 'i32' }));
      const { n } = pullback.accumulate(tg.onesLike(value), { a: null as unknown as Tensor, n: soFar });
      expect([...n.readSync()]).toEqual([5, 6]);
      expect(() => soFar.readSync()).toThrow(tg.LifetimeError);
      pullback.dispose();
    });
    expect(backend.memory().buffers).toBe(before);
  });

  test('stays differentiable', () => {
    tg.scope(() => {
      const cube = (x: Tensor): Tensor => tg.sum(tg.mul(tg.mul(x, x), x));
      const second = tg.grad((x: Tensor) => {
        const { value, pullback } = tg.vjp(cube, x);
        const total = pullback.accumulate(tg.onesLike(value), tg.mul(x, 2));
        pullback.dispose();
        return tg.sum(total);
      })(tg.tensor([1, 2], { dtype: 'f64' }));
      expect([...second.readSync()]).toEqual([8, 14]);
    });
  });
});

describe('recordStateCotangents', () => {
  test('gives dL/dh of every step, as adding to each state does', () => {
    const before = backend.memory().buffers;
    tg.scope(() => {
      const params = { weight_ih: random([8, 3], 1), weight_hh: random([8, 2], 2) };
      const cell = tg.lstmCell({ hiddenSize: 2 });
      const input = random([5, 2, 3], 3);
      const weights = random([5, 2, 2], 4);
      const start = cell.initialCarry(2, { dtype: 'f64' });
      const loss = (p: typeof params): Tensor => tg.sum(tg.mul(tg.scan(cell, p, start, input).output, weights));
      const { cotangents } = tg.recordStateCotangents(() => tg.grad(loss)(params));
      expect(cotangents).toHaveLength(1);
      const byHand = tg.grad((extra: Tensor) => {
        let carry = start;
        let total = tg.scalar(0, { dtype: 'f64' });
        for (let t = 0; t < 5; t++) {
          const next = tg.scan(cell, params, carry, tg.sliceAxis(input, t, t + 1)).carry;
          carry = { c: next.c, h: tg.add(next.h, tg.row(extra, t)) };
          total = tg.add(total, tg.sum(tg.mul(carry.h, tg.row(weights, t))));
        }
        return total;
      })(tg.zeros([5, 2, 2], { dtype: 'f64' }));
      const [delta] = cotangents as [Tensor];
      byHand.readSync().forEach((value, index) => expect(delta.readSync()[index]).toBeCloseTo(value, 12));
      tg.disposeTree(cotangents);
      expect(tg.recordStateCotangents(() => tg.withoutFusedOps(() => tg.grad(loss)(params))).cotangents).toEqual([]);
    });
    expect(backend.memory().buffers).toBe(before);
  });
});
