import { beforeEach, describe, expect, test } from 'vitest';
import * as tg from '../../src/index.js';
import type { Tensor } from '../../src/index.js';
import { backend, distance, live, loop, random, valuesOf } from './support.js';

beforeEach(() => {
  tg.useBackend(backend);
  const before = live();
  return () => expect(live(), 'live buffers').toBe(before);
});

describe('vmap', () => {
  test('maps over axis 0 of every leaf; further arguments and tensors from outside are the same for every row', () => {
    tg.scope(() => {
      const [w, bias] = [random([4, 3], 1), random([4], 2)];
      const x = { a: random([5, 3], 3), b: [random([5], 4)], none: null };
      const fn = (row: typeof x, weight: Tensor): { y: Tensor; z: Tensor } => {
        expect([row.a.shape, row.b[0]!.shape]).toEqual([[3], []]);
        return { y: tg.add(tg.mul(tg.linear(row.a, weight, bias), row.b[0]!), 1), z: tg.neg(row.b[0]!) };
      };
      expect(
        distance(
          tg.vmap(fn)(x, w),
          loop((row) => fn(row, w), x),
        ),
      ).toBeLessThan(1e-14);
    });
  });

  test('maps over the axes that `in` names, and not over what it names null', () => {
    tg.scope(() => {
      const x = { p: random([3, 4], 1), q: { r: random([4], 2), s: random([2, 4], 3) } };
      const fn = ({ p, q }: typeof x): Tensor => tg.add(tg.mul(p, tg.sum(q.r)), tg.sum(q.s));
      const actual = tg.vmap(fn, { in: { p: -1, q: { r: null, s: 1 } } })(x);
      const rows = { p: tg.transpose(x.p), s: tg.transpose(x.q.s) };
      expect(
        distance(
          actual,
          loop(({ p, s }) => fn({ p, q: { r: x.q.r, s } }), rows),
        ),
      ).toBeLessThan(1e-14);
      const r3 = random([3], 4);
      const pair = [x.p, r3];
      const second = tg.vmap(([p, r]: Tensor[]) => tg.mul(p!, r!), { in: [1, null] })(pair);
      expect(
        distance(
          second,
          loop((p) => tg.mul(p, r3), rows.p),
        ),
      ).toBe(0);
    });
  });

  test('repeats results that do not depend on the batch, and gives back the rows themselves', () => {
    tg.scope(() => {
      const [x, c] = [random([3, 2], 1), random([2], 2)];
      const { same, constant } = tg.vmap((row: Tensor) => ({ same: row, constant: c }))(x);
      expect(valuesOf(same)).toEqual(valuesOf(x));
      expect(constant.shape).toEqual([3, 2]);
      expect(valuesOf(constant)).toEqual([0, 1, 2].flatMap(() => valuesOf(c)));
      x.dispose();
      expect(same.readSync()).toHaveLength(6);
    });
  });

  test('stopGradient keeps the rows of a batch, inside of differentiations and outside', () => {
    tg.scope(() => {
      const x = random([3, 4], 1);
      const fn = (row: Tensor): Tensor => tg.mul(tg.stopGradient(row), row);
      expect(distance(tg.vmap(fn)(x), tg.mul(x, x))).toBe(0);
      const gradient = tg.vmap(tg.grad((row: Tensor) => tg.sum(fn(row))))(x);
      expect(distance(gradient, x)).toBe(0);
      expect(distance(tg.grad((all: Tensor) => tg.sum(tg.vmap(fn)(all)))(x), x)).toBe(0);
    });
  });

  test('refuses to read values inside, also of a tensor that is differentiated there', () => {
    const x = random([2, 3], 1);
    expect(() => tg.vmap((row: Tensor) => tg.mul(row, row.readSync()[0]!))(x)).toThrow(tg.LifetimeError);
    expect(() => tg.vmap((row: Tensor) => (void row.read(), row))(x)).toThrow('inside vmap');
    const inside = tg.grad((row: Tensor) => tg.mul(tg.sum(row), row.readSync()[0]!));
    expect(() => tg.vmap(inside)(x)).toThrow('has no values of its own');
    expect(() => tg.vmap((row: Tensor) => tg.mul(row, tg.stopGradient(row).readSync()[0]!))(x)).toThrow('inside vmap');
    x.dispose();
  });

  test('refuses what has no handle or cannot change inside', () => {
    const [x, y] = [random([2, 3], 1), random([3], 2)];
    expect(() => tg.vmap((row: Tensor) => (tg.operandOf(row), row))(x)).toThrow(/no gradient and no batch/);
    expect(() => tg.vmap((row: Tensor) => (tg.assign(y, row), row))(x)).toThrow(/vmap/);
    const step = (row: Tensor): void =>
      tg.sgdStep(
        y,
        row,
        { velocity: null },
        { learningRate: 0.1, step: 1 },
        { momentum: 0, nesterov: false, weightDecay: 0 },
      );
    expect(() => tg.vmap((row: Tensor) => (step(row), row))(x)).toThrow(/vmap/);
    tg.disposeTree([x, y]);
  });

  test('refuses a tensor of a vmap that has ended', () => {
    const x = random([2, 3], 1);
    let stolen: Tensor = x;
    tg.vmap((row: Tensor) => {
      stolen = row;
      return row;
    })(x).dispose();
    expect(() => tg.neg(stolen)).toThrow('neg: an input belongs to a vmap that has ended');
    expect(() => tg.vmap(() => stolen)(x)).toThrow(tg.LifetimeError);
    x.dispose();
  });

  test('names what does not fit, and leaves nothing behind', () => {
    const x = { a: random([2, 3], 1), b: random([4], 2) };
    const fn = (row: typeof x): Tensor => tg.sum(row.a);
    const wrong: [unknown, RegExp][] = [
      [undefined, /2 rows in "a" \[2, 3\] along axis 0, but 4 in "b" \[4\] along axis 0/],
      [null, /nothing to map over/],
      [{ a: null, b: null }, /nothing to map over/],
      [{ a: 2, b: null }, /axis 2 is not an axis of \[2, 3\]/],
      [{ a: 0.5, b: null }, /axis 0.5 is not an axis/],
      [{ a: 0, c: null }, /`in` names "c", but the argument there has a, b/],
      [{ a: 0, b: [0] }, /at "b" is a tree, but the argument has a tensor/],
      [{ a: '0', b: null }, /at "a" is string 0/],
      ['rows', /in.*the number of an axis, null, or a tree of these/],
      [true, /in.*the number of an axis/],
    ];
    for (const [axes, message] of wrong) {
      expect(() => tg.vmap(fn, { in: axes as number })(x), JSON.stringify(axes)).toThrow(message);
      expect(() => tg.vmap(fn, { in: axes as number })(x)).toThrow(tg.TempogradError);
    }
    expect(() => tg.vmap(() => tg.sum(x.a))({ none: null })).toThrow(/nothing to map over/);
    expect(() => tg.vmap(() => 3 as unknown as Tensor)(x.a)).toThrow(/tree of tensors holds a number/);
    expect(() => tg.vmap(async (row: Tensor) => Promise.resolve(row))(x.a)).toThrow(/Promise/);
    tg.disposeTree(x);
  });

  test('leaves nothing behind when the function throws midway', () => {
    const x = random([2, 3], 1);
    const failing = (row: Tensor): Tensor => {
      tg.exp(tg.mul(row, row));
      tg.matmul(row, row);
      return row;
    };
    expect(() => tg.vmap(failing)(x)).toThrow(/matmul: \[3\] × \[3\]/);
    expect(() => tg.vmap(tg.grad((row: Tensor) => tg.sum(failing(row))))(x)).toThrow(tg.ShapeError);
    expect(() => tg.vmap(tg.vmap(failing))(x)).toThrow(tg.ShapeError);
    x.dispose();
  });

  test('ops with a fused path take the composed one, and say why', () => {
    tg.scope(() => {
      const [x, w] = [random([3, 4], 1), random([2, 4], 2)];
      const { paths } = tg.recordPaths(() => tg.vmap((row: Tensor) => tg.linear(row, w))(x));
      expect(paths).toEqual([{ family: 'linear', path: 'composed', reason: 'it is batched by vmap' }]);
    });
  });

  test('is traced, and does programs for a batch', () => {
    tg.scope(() => {
      const [x, w] = [random([3, 4], 1), random([4, 4], 2)];
      const indices = tg.tensor([3, 0], { dtype: 'i32' });
      const fn = (row: Tensor): Tensor =>
        tg.mul(tg.stopGradient(row), tg.sum(tg.gather(tg.tanh(tg.linear(row, w)), indices)));
      const expected = tg.vmap(tg.grad((row: Tensor) => tg.sum(fn(row))))(x);
      using batched = tg.trace(tg.vmap(tg.grad((row: Tensor) => tg.sum(fn(row)))), x);
      expect(distance(tg.interpret(batched, x), expected)).toBe(0);
      using single = tg.trace(
        tg.grad((row: Tensor) => tg.sum(fn(row))),
        random([4], 3),
      );
      expect(distance(tg.vmap((row: Tensor) => tg.interpret(single, row))(x), expected)).toBe(0);
      const inside = tg.vmap((row: Tensor) => {
        using program = tg.trace((y: Tensor) => tg.mul(y, row), w);
        return tg.interpret(program, w);
      })(x);
      expect(
        distance(
          inside,
          loop((row) => tg.mul(w, row), x),
        ),
      ).toBe(0);
    });
  });

  test('batches of no rows give results of no rows', () => {
    tg.scope(() => {
      const w = random([2, 4], 2);
      const fn = (row: Tensor): Tensor => tg.tanh(tg.linear(row, w));
      expect(tg.vmap(fn)(random([0, 4], 1)).shape).toEqual([0, 2]);
      expect(tg.vmap(tg.grad((row: Tensor) => tg.sum(fn(row))))(random([0, 4], 1)).shape).toEqual([0, 4]);
    });
  });
});
