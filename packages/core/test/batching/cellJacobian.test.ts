import { beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import * as tg from '../../src/index.js';
import type { Cell, LstmCarry, RecurrentParams, Tensor } from '../../src/index.js';
import { backend, distance, live, random } from './support.js';

/** The first step of a run without random numbers. */
const first = { key: null, time: 0 };

beforeEach(() => {
  tg.useBackend(backend);
  const before = live();
  return () => expect(live(), 'live buffers').toBe(before);
});

const [hidden, inputs] = [3, 2];

const params = (gates: number): RecurrentParams => ({
  weight_ih: random([gates * hidden, inputs], 1),
  weight_hh: random([gates * hidden, hidden], 2),
  bias_ih: random([gates * hidden], 3),
  bias_hh: random([gates * hidden], 4),
});

/** A cell as a user writes one, with two carries of different ranks, one of which passes through unchanged. */
const own: Cell<{ w: Tensor; decay: Tensor }, [Tensor, { slow: Tensor; held: Tensor }], Tensor, { y: Tensor }> = {
  initialCarry: (batch) => [tg.zeros([batch, 2]), { slow: tg.zeros([batch, 2, 2]), held: tg.zeros([batch]) }],
  step: ({ w, decay }, [fast, { slow, held }], x) => {
    const outer = tg.mul(tg.reshape(fast, [-1, 2, 1]), tg.reshape(x, [-1, 1, 2]));
    const next = tg.add(tg.mul(slow, tg.sigmoid(decay)), outer);
    const read = tg.sum(tg.mul(next, tg.reshape(x, [-1, 1, 2])), { axes: 2 });
    const after = tg.tanh(tg.add(tg.linear(read, w), tg.reshape(held, [-1, 1])));
    return { carry: [after, { slow: next, held }], output: { y: after } };
  },
};

interface Subject {
  readonly cell: Cell<unknown, unknown, Tensor, unknown>;
  readonly params: unknown;
  carry(this: void, batch: number): unknown;
}

const subject = <P, C, Y>(cell: Cell<P, C, Tensor, Y>, p: () => P, carry: (batch: number) => C): (() => Subject) => {
  return () => ({ cell: cell, params: p(), carry });
};

const subjects: Record<string, () => Subject> = {
  'rnn, tanh': subject(
    tg.rnnCell({ hiddenSize: hidden }),
    () => params(1),
    (batch) => random([batch, hidden], 5),
  ),
  'rnn, relu': subject(
    tg.rnnCell({ hiddenSize: hidden, activation: 'relu' }),
    () => params(1),
    (batch) => random([batch, hidden], 5),
  ),
  gru: subject(
    tg.gruCell({ hiddenSize: hidden }),
    () => params(3),
    (batch) => random([batch, hidden], 5),
  ),
  lstm: subject(
    tg.lstmCell({ hiddenSize: hidden }),
    () => params(4),
    (batch) => ({ h: random([batch, hidden], 5), c: random([batch, hidden], 6) }),
  ),
  'a cell of the user': subject(
    own,
    () => ({ w: random([2, 2], 7), decay: random([], 8) }),
    (batch) => [random([batch, 2], 5), { slow: random([batch, 2, 2], 6), held: random([batch], 9) }],
  ),
};

/** The Jacobian of each row from one vjp for each element of its carry, of a batch of that row alone. */
function oneByOne(
  { cell, params: p }: Subject,
  carry: unknown,
  input: Tensor,
): Record<'params' | 'carry' | 'input', Tensor[][]> {
  const batch = input.shape[0]!;
  const rows = Array.from({ length: batch }, (_, b) => {
    const only = <T>(tree: T): T => tg.treeMap(tree, (leaf) => tg.sliceAxis(leaf, b, b + 1));
    const at = { params: p, carry: only(carry), input: only(input) };
    const { value, pullback } = tg.vjp((x: typeof at) => cell.step(x.params, x.carry, x.input, first).carry, at);
    const blocks = tg.treeLeaves(value).map((leaf, index) => {
      const gradients = Array.from({ length: leaf.size }, (_unused, element) => {
        const unit = new Float64Array(leaf.size);
        unit[element] = 1;
        const cotangent = tg
          .treeLeaves(value)
          .map((other, place) =>
            place === index ? tg.fromArray(unit, leaf.shape, { dtype: 'f64' }) : tg.zerosLike(other),
          );
        return pullback(tg.treeFill(value, cotangent));
      });
      const block = (name: keyof typeof at): Tensor[] =>
        tg.treeLeaves(at[name]).map((argument, place) => {
          const shape = name === 'params' ? argument.shape : argument.shape.slice(1);
          const stacked = tg.stack(gradients.map((each) => tg.treeLeaves(each[name])[place]!));
          return tg.reshape(stacked, [1, ...leaf.shape.slice(1), ...shape]);
        });
      return { params: block('params'), carry: block('carry'), input: block('input') };
    });
    pullback.dispose();
    return blocks;
  });
  const joined = (name: 'params' | 'carry' | 'input'): Tensor[][] =>
    rows[0]!.map((blocks, leaf) =>
      blocks[name].map((_, place) => tg.concat(rows.map((row) => row[leaf]![name][place]!))),
    );
  return { params: joined('params'), carry: joined('carry'), input: joined('input') };
}

describe.each(Object.keys(subjects))('the Jacobian of %s', (name) => {
  test.each([1, 3])('is exact for each row of %i', (batch) => {
    tg.scope(() => {
      const given = subjects[name]!();
      const { cell, params: p } = given;
      const [carry, input] = [given.carry(batch), random([batch, inputs], 10)];
      const result = tg.cellJacobian(cell, p, carry, input, { by: ['params', 'carry', 'input'] });
      const step = cell.step(p, carry, input, first);
      expect(distance(result.carry, step.carry)).toBeLessThan(1e-15);
      expect(distance(result.output, step.output)).toBeLessThan(1e-15);
      const expected = oneByOne(given, carry, input);
      expect(distance(result.carryByParams, expected.params)).toBeLessThan(1e-14);
      expect(distance(result.carryByCarry, expected.carry)).toBeLessThan(1e-14);
      expect(distance(result.carryByInput, expected.input)).toBeLessThan(1e-14);
    });
  });

  test('is what finite differences along a random direction say', () => {
    tg.scope(() => {
      const given = subjects[name]!();
      const at = { p: given.params, c: given.carry(1), x: random([1, inputs], 10) };
      const direction = tg.treeMap(at, (leaf) => random(leaf.shape, leaf.size + 30));
      const moved = (h: number): unknown => {
        const { p, c, x } = tg.treeZip(at, direction, (leaf, d) => tg.add(leaf, tg.mul(d, h)));
        return given.cell.step(p, c, x, first).carry;
      };
      const slope = (h: number): unknown => tg.treeZip(moved(h), moved(-h), (a, b) => tg.div(tg.sub(a, b), 2 * h));
      const numeric = tg.treeZip(slope(1e-3), slope(2e-3), (a, b) => tg.div(tg.sub(tg.mul(a, 4), b), 3));
      const result = tg.cellJacobian(given.cell, at.p, at.c, at.x, { by: ['params', 'carry', 'input'] });
      const after = tg.treeLeaves(result.carry);
      const product = (blocks: unknown, along: unknown): Tensor[] => {
        const [flat, directions] = [tg.treeLeaves(blocks), tg.treeLeaves(along)];
        const each = directions.length;
        return after.map((leaf, index) =>
          directions
            .map((d, place) =>
              tg.matmul(tg.reshape(flat[index * each + place]!, [leaf.size, d.size]), tg.reshape(d, [d.size, 1])),
            )
            .reduce((a, b) => tg.add(a, b)),
        );
      };
      const parts = [
        product(result.carryByParams, direction.p),
        product(result.carryByCarry, direction.c),
        product(result.carryByInput, direction.x),
      ];
      const total = after.map((leaf, index) =>
        tg.reshape(
          parts.map((part) => part[index]!).reduce((a, b) => tg.add(a, b)),
          leaf.shape,
        ),
      );
      expect(distance(total, tg.treeLeaves(numeric))).toBeLessThan(1e-9);
    });
  });
});

describe('cellJacobian', () => {
  const cell = tg.lstmCell({ hiddenSize: hidden });

  test('computes what `by` asks for, by default the derivatives by carry and parameters', () => {
    tg.scope(() => {
      const carry: LstmCarry = { h: random([2, hidden], 1), c: random([2, hidden], 2) };
      const both = tg.cellJacobian(cell, params(4), carry, random([2, inputs], 3));
      expect(Object.keys(both).sort()).toEqual(['carry', 'carryByCarry', 'carryByParams', 'output']);
      expectTypeOf(both.carryByCarry).toEqualTypeOf<{ readonly h: LstmCarry; readonly c: LstmCarry }>();
      expectTypeOf(both.carryByParams.c.weight_hh).toEqualTypeOf<Tensor>();
      expect(both.carryByCarry.h.c.shape).toEqual([2, hidden, hidden]);
      expect(both.carryByParams.c.weight_ih.shape).toEqual([2, hidden, 4 * hidden, inputs]);
      const one = tg.cellJacobian(cell, params(4), carry, random([2, inputs], 3), { by: ['carry'] });
      expect(Object.keys(one).sort()).toEqual(['carry', 'carryByCarry', 'output']);
      // @ts-expect-error not asked for
      expect(one.carryByParams).toBeUndefined();
    });
  });

  test('an exact Jacobian of any size is a fixed number of calls, about a hundred', () => {
    const calls = (size: number, batch: number): number => {
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
      return tg.withBackend(counting, () =>
        tg.scope(() => {
          const p = {
            weight_ih: tg.zeros([4 * size, 5]),
            weight_hh: tg.zeros([4 * size, size]),
            bias_ih: tg.zeros([4 * size]),
            bias_hh: tg.zeros([4 * size]),
          };
          const carry = { h: tg.zeros([batch, size]), c: tg.zeros([batch, size]) };
          const x = tg.zeros([batch, 5]);
          count = 0;
          tg.cellJacobian(tg.lstmCell({ hiddenSize: size }), p, carry, x);
          return count;
        }),
      );
    };
    expect(calls(8, 1)).toBe(calls(2, 1));
    expect(calls(8, 4)).toBe(calls(2, 2));
    expect(calls(8, 1)).toBeLessThan(130);
    expect(calls(8, 4)).toBeLessThan(200);
  });

  test.each([1, 3])('of a step that draws, for a batch of %i, has the numbers of the step', (batch) => {
    tg.scope(() => {
      const dropping: Cell<{ u: Tensor }, [Tensor, Tensor]> = {
        initialCarry: (rows) => [tg.zeros([rows, hidden]), tg.zeros([rows])],
        step: ({ u }, [h, s], x, { key, time }) => {
          const all = tg.tanh(tg.add(tg.matmul(h, u), x));
          const kept =
            key === null ? all : tg.mul(all, tg.bernoulli(tg.foldIn(key, time), 0.5, h.shape, { dtype: 'f64' }));
          return { carry: [kept, tg.add(s, tg.sum(tg.mul(kept, h), { axes: 1 }))], output: kept };
        },
      };
      const p = { u: random([hidden, hidden], 1) };
      const carry: [Tensor, Tensor] = [random([batch, hidden], 2), random([batch], 3)];
      const x = random([batch, hidden], 4);
      const context = { key: tg.key(5), time: 7 };
      const result = tg.cellJacobian(dropping, p, carry, x, { by: ['params', 'carry', 'input'], ...context });
      const at = { p, carry, x };
      const step = (given: typeof at): [Tensor, Tensor] => dropping.step(given.p, given.carry, given.x, context).carry;
      expect(distance(result.carry, step(at))).toBe(0);
      expect(new Set(tg.equal(result.output, 0).readSync())).toEqual(new Set([0, 1]));
      const whole = tg.jacobian(step)(at);
      expect(distance(result.carryByParams, [whole[0].p, whole[1].p])).toBe(0);
      /** `[rows, …c, rows, …]` where both rows are the same. */
      const ownRow = (block: Tensor, rank: number): Tensor =>
        tg.stack(
          Array.from({ length: batch }, (_, b) => {
            const from = tg.row(block, b);
            return tg.reshape(tg.sliceAxis(from, b, b + 1, rank - 1), from.shape.filter((_length, axis) => axis !== rank - 1)); // prettier-ignore
          }),
        );
      const ranks = [2, 1];
      const expected = whole.map((blocks, leaf) => ({
        carry: blocks.carry.map((block) => ownRow(block, ranks[leaf]!)),
        x: ownRow(blocks.x, ranks[leaf]!),
      }));
      expect(distance(result.carryByCarry, expected.map((blocks) => blocks.carry))).toBe(0); // prettier-ignore
      expect(distance(result.carryByInput, expected.map((blocks) => blocks.x))).toBe(0); // prettier-ignore
      expect(tg.cellPattern(dropping, p, carry, x, context).carryByCarry.count).toBe(hidden * hidden + hidden + 1);
    });
  });

  test('of a batch of no rows is empty', () => {
    tg.scope(() => {
      const carry = { h: random([0, hidden], 1), c: random([0, hidden], 2) };
      const { carryByCarry, output } = tg.cellJacobian(cell, params(4), carry, random([0, inputs], 3));
      expect([output.shape, carryByCarry.h.c.shape]).toEqual([
        [0, hidden],
        [0, hidden, hidden],
      ]);
    });
  });

  test('refuses carries and inputs whose batches differ, and leaves nothing behind', () => {
    const p = params(4);
    const carry = { h: random([2, hidden], 1), c: random([3, hidden], 2) };
    const [x, other] = [random([2, inputs], 3), random([1, inputs], 4)];
    expect(() => tg.cellJacobian(cell, p, carry, x)).toThrow(/carry.h is \[2, 3\] and carry.c \[3, 3\]/);
    expect(() => tg.cellJacobian(cell, p, { h: carry.h, c: carry.h }, other)).toThrow(tg.ShapeError);
    expect(() => tg.cellJacobian(own, {} as never, [] as never, [] as never)).toThrow(/there is no tensor in them/);
    for (const by of [[], ['weights'], 'carry'] as never[]) {
      expect(() => tg.cellJacobian(cell, p, carry, x, { by })).toThrow(tg.ArgumentError);
    }
    expect(() => tg.cellJacobian(cell, p, carry, x, { wrt: ['carry'] } as never)).toThrow(/wrt/);
    const wide = random([2, inputs + 1], 5);
    expect(() => tg.cellJacobian(cell, p, { h: carry.h, c: carry.h }, wide)).toThrow(/linear: the input/);
    tg.disposeTree([p, carry, x, other, wide]);
  });
});
