import fc from 'fast-check';
import { beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import { isFloat, type DType, type Shape } from '../../src/backend/index.js';
import * as tg from '../../src/index.js';
import type { Cell, Pattern, Tensor } from '../../src/index.js';
import type { Primitive } from '../../src/tensor/primitive.js';
import { dependenceRules, type DependenceRules } from '../../src/tracing/pattern/dependenceRules.js';
import { cases } from './primitiveCases.js';
import { backend, live, random, valuesOf } from './support.js';

beforeEach(() => {
  tg.useBackend(backend);
  const before = live();
  return () => expect(live(), 'live buffers').toBe(before);
});

/** `row column` of every pair of a pattern. */
const pairsOf = (pattern: Pattern): string[] =>
  Array.from({ length: pattern.columns }, (_, column) =>
    pattern.rowsOf(column).map((row) => `${row} ${column}`),
  ).flat();

/** `row column` of every entry of a Jacobian that is not 0 at one of some points; i32 tensors have rows and columns of zeros. */
function nonZeros(fn: (xs: Tensor[]) => Tensor, points: readonly Tensor[][]): Set<string> {
  const found = new Set<string>();
  for (const xs of points) {
    tg.scope(() => {
      const offsets: number[] = [];
      let columns = 0;
      for (const x of xs) {
        offsets.push(columns);
        columns += x.size;
      }
      if (!xs.some(({ dtype }) => isFloat(dtype)) || !isFloat(fn(xs).dtype)) return;
      tg.jacobian(fn)(xs).forEach((block, index) => {
        const width = xs[index]!.size;
        valuesOf(block).forEach((value, at) => {
          if (value !== 0) found.add(`${Math.floor(at / width)} ${offsets[index]! + (at % width)}`);
        });
      });
    });
  }
  return found;
}

/** Primitives whose Jacobian has zeros that values decide. */
const byValues: readonly Primitive[] = ['relu', 'maximum', 'minimum', 'max', 'select', 'gather', 'scatterAdd'];

/** Primitives that need positive numbers; where a derivative is NaN, zeros beside it are too. */
const ofPositives: readonly Primitive[] = ['log', 'log1p', 'sqrt', 'pow'];

describe('a pattern has every entry of a Jacobian that is not 0, and no other but where values decide:', () => {
  test.each(Object.keys(cases) as Primitive[])('%s', (primitive) => {
    fc.assert(
      fc.property(cases[primitive], ({ inputs, apply }) => {
        tg.scope(() => {
          const draw = (shape: Shape, seed: number, dtype?: DType): Tensor => {
            const x = random(shape, seed, dtype);
            return ofPositives.includes(primitive) ? tg.add(tg.abs(x), 0.1) : x;
          };
          const points = [0, 1, 2].map((point) =>
            inputs.map(([shape, dtype], at) => draw(shape, 10 * point + at, dtype)),
          );
          const fn = (xs: Tensor[]): Tensor => apply(...xs);
          const pattern = tg.jacobianPattern(fn)(points[0]!);
          expect([pattern.rows, pattern.columns]).toEqual([
            fn(points[0]!).size,
            inputs.reduce((columns, _, at) => columns + points[0]![at]!.size, 0),
          ]);
          const pairs = pairsOf(pattern);
          const seen = nonZeros(fn, points);
          expect(pairs).toEqual(expect.arrayContaining([...seen]));
          if (!byValues.includes(primitive)) expect(pairs.sort()).toEqual([...seen].sort());
        });
      }),
      { numRuns: 15, seed: 2 },
    );
  });
});

test('every primitive has a rule, and a missing one is a type error', () => {
  expect(Object.keys(dependenceRules).sort()).toEqual(Object.keys(cases).sort());
  expectTypeOf<keyof DependenceRules>().toEqualTypeOf<Primitive>();
});

test('what values decide is in the pattern: rows chosen by number, branches, kinks', () => {
  tg.scope(() => {
    const indices = tg.tensor([1, 1], { dtype: 'i32' });
    const chosen = tg.jacobianPattern((x: Tensor) => tg.gather(x, indices))(random([3, 2], 1));
    expect(pairsOf(chosen)).toEqual([
      '0 0',
      '2 0',
      '1 1',
      '3 1',
      '0 2',
      '2 2',
      '1 3',
      '3 3',
      '0 4',
      '2 4',
      '1 5',
      '3 5',
    ]);
    const branches = tg.jacobianPattern((x: Tensor) => tg.select(tg.less(x, 0), x, tg.flip(x)))(random([2], 1));
    expect(pairsOf(branches)).toEqual(['0 0', '1 0', '0 1', '1 1']);
    expect(tg.jacobianPattern((x: Tensor) => tg.relu(tg.mul(x, 0)))(random([2], 1)).count).toBe(2);
  });
});

test('no derivative passes stopGradient, comparisons and whole numbers; results may be arguments and numbers', () => {
  tg.scope(() => {
    const x = { a: random([2], 1), i: random([2], 2, 'i32') };
    const fn = ({ a, i }: typeof x): unknown => [
      tg.mul(a, tg.stopGradient(tg.flip(a))),
      tg.cast(tg.add(tg.less(a, 0), tg.add(i, tg.cast(a, 'i32'))), 'f64'),
      i,
      a,
      tg.scalar(3),
    ];
    const pattern = tg.jacobianPattern(fn)(x);
    expect([pattern.rows, pattern.columns]).toEqual([9, 4]);
    expect(pairsOf(pattern)).toEqual(['0 0', '6 0', '1 1', '7 1']);
    expect(pattern.has(6, 0) && !pattern.has(6, 1) && !pattern.has(99, 0) && !pattern.has(0, 99)).toBe(true);
  });
});

describe('the pattern of a cell', () => {
  const [hidden, inputs] = [5, 3];
  const o = { dtype: 'f64' } as const;
  const standard = (gates: number, seed: number) => ({
    weight_ih: random([gates * hidden, inputs], seed),
    weight_hh: random([gates * hidden, hidden], seed + 1),
    bias_ih: random([gates * hidden], seed + 2),
    bias_hh: random([gates * hidden], seed + 3),
  });

  /** Diagonal linear recurrence `h' = a ⊙ h + W x`. */
  const linear: Cell<{ a: Tensor; w: Tensor }, Tensor> = {
    initialCarry: (batch) => tg.zeros([batch, hidden], o),
    step: ({ a, w }, h, x) => {
      const next = tg.add(tg.mul(tg.sigmoid(a), h), tg.linear(x, w));
      return { carry: next, output: next };
    },
  };

  /** minGRU: `z = σ(W x)`, `h' = (1 − z) ⊙ h + z ⊙ (V x)`. */
  const minGru: Cell<{ w: Tensor; v: Tensor }, Tensor> = {
    initialCarry: (batch) => tg.zeros([batch, hidden], o),
    step: ({ w, v }, h, x) => {
      const z = tg.sigmoid(tg.linear(x, w));
      const next = tg.add(tg.mul(tg.sub(1, z), h), tg.mul(z, tg.linear(x, v)));
      return { carry: next, output: next };
    },
  };

  const subjects: Record<string, readonly [cell: Cell<never, unknown>, params: (seed: number) => unknown]> = {
    rnn: [tg.rnnCell({ hiddenSize: hidden }), (seed) => standard(1, seed)],
    gru: [tg.gruCell({ hiddenSize: hidden }), (seed) => standard(3, seed)],
    lstm: [tg.lstmCell({ hiddenSize: hidden }), (seed) => standard(4, seed)],
    'a diagonal linear recurrence': [
      linear,
      (seed) => ({ a: random([hidden], seed), w: random([hidden, inputs], seed + 1) }),
    ],
    minGRU: [minGru, (seed) => ({ w: random([hidden, inputs], seed), v: random([hidden, inputs], seed + 1) })],
  };

  /** `row column` of entries that are not 0, from the blocks of one row. */
  const nonZerosOf = (carry: unknown, blocks: unknown, argument: unknown): string[] => {
    const found: string[] = [];
    const list = tg.treeLeaves(blocks);
    const columns = tg.treeLeaves(argument).map((leaf) => leaf.size);
    let top = 0;
    tg.treeLeaves(carry).forEach((leaf, result) => {
      let left = 0;
      columns.forEach((width, place) => {
        valuesOf(list[result * columns.length + place]!).forEach((value, at) => {
          if (value !== 0) found.push(`${top + Math.floor(at / width)} ${left + (at % width)}`);
        });
        left += width;
      });
      top += leaf.size;
    });
    return found.sort();
  };

  test.each(Object.keys(subjects))('%s is exact, by carry, parameters and input', (name) => {
    tg.scope(() => {
      const [given, paramsOf] = subjects[name]!;
      const cell = given as Cell<unknown, unknown>;
      const params = paramsOf(1);
      const carry = tg.treeMap(cell.initialCarry(1, o), (leaf) => random(leaf.shape, 20 + leaf.size));
      const input = random([1, inputs], 30);
      const by = { by: ['params', 'carry', 'input'] as const };
      const pattern = tg.cellPattern(cell, params, carry, input, by);
      const jacobian = tg.cellJacobian(cell, params, carry, input, by);
      expect(pairsOf(pattern.carryByCarry).sort()).toEqual(nonZerosOf(carry, jacobian.carryByCarry, carry));
      expect(pairsOf(pattern.carryByParams).sort()).toEqual(nonZerosOf(carry, jacobian.carryByParams, params));
      expect(pairsOf(pattern.carryByInput).sort()).toEqual(nonZerosOf(carry, jacobian.carryByInput, input));
    });
  });

  test('of an element-wise recurrence is diagonal; of an LSTM each cell state depends on its own and on all of h', () => {
    tg.scope(() => {
      const carryOf = (cell: Cell<never, unknown>): unknown => cell.initialCarry(2, o);
      const x = random([2, inputs], 1);
      for (const name of ['a diagonal linear recurrence', 'minGRU']) {
        const [cell, params] = subjects[name]!;
        const { carryByCarry } = tg.cellPattern(cell, params(1), carryOf(cell), x);
        expect(pairsOf(carryByCarry)).toEqual(pairsOf(tg.Pattern.diagonal(hidden)));
      }
      const [cell, params] = subjects.lstm!;
      const { carryByCarry, carryByParams } = tg.cellPattern(cell, params(1), carryOf(cell), x);
      expect(carryByCarry.count).toBe(2 * hidden * hidden + 2 * hidden);
      expect(carryByCarry.rowsOf(hidden + 2)).toEqual([2, hidden + 2]);
      // A weight of the output gate reaches h alone, one of another gate h and c.
      expect(carryByParams.rowsOf(0)).toEqual([0, hidden]);
      expect(carryByParams.rowsOf(3 * hidden * inputs)).toEqual([0]);
    });
  });

  test('computes nothing and depends on no value', () => {
    tg.scope(() => {
      const cell = tg.gruCell({ hiddenSize: hidden });
      const zero = { weight_ih: tg.zeros([3 * hidden, inputs]), weight_hh: tg.zeros([3 * hidden, hidden]) };
      const { carryByCarry } = tg.cellPattern(cell, zero, tg.zeros([4, hidden]), tg.full([4, inputs], NaN));
      expect(carryByCarry.count).toBe(hidden * hidden);
    });
  });

  test('is quick where a dense one would not fit in memory', () => {
    tg.scope(() => {
      const size = 256;
      const cell = tg.lstmCell({ hiddenSize: size });
      const params = { weight_ih: tg.zeros([4 * size, size]), weight_hh: tg.zeros([4 * size, size]) };
      const { carryByParams } = tg.cellPattern(cell, params, cell.initialCarry(1), tg.zeros([1, size]));
      expect(carryByParams.columns).toBe(8 * size * size);
      expect(carryByParams.count).toBe(7 * 2 * size * size);
    });
  });

  test('is what the cell says, where it says so: weights that are held at 0', () => {
    tg.scope(() => {
      const eye = Float64Array.from({ length: hidden * hidden }, (_, at) => (at % (hidden + 1) === 0 ? 1 : 0));
      const mask = tg.fromArray(eye, [hidden, hidden], o);
      const sparse: Cell<{ u: Tensor }, Tensor> = {
        initialCarry: (batch) => tg.zeros([batch, hidden], o),
        step: ({ u }, h, x) => {
          const next = tg.tanh(tg.add(tg.matmul(h, tg.mul(u, mask)), x));
          return { carry: next, output: next };
        },
      };
      const at = [{ u: random([hidden, hidden], 1) }, tg.zeros([1, hidden], o), random([1, hidden], 2)] as const;
      expect(tg.cellPattern(sparse, ...at).carryByCarry.count).toBe(hidden * hidden);
      const known = { ...sparse, pattern: (h: Tensor) => tg.Pattern.diagonal(h.size) };
      expect(tg.cellPattern(known, ...at).carryByCarry.count).toBe(hidden);
      const wrong = { ...sparse, pattern: () => tg.Pattern.from(2, 3, (row, column) => row <= column) };
      expect(() => tg.cellPattern(wrong, ...at)).toThrow(/own pattern is 2 × 3, but a row of its carry has 5 elements/);
    });
  });

  test('refuses cells that cannot be traced, and arguments that do not fit', () => {
    const x = random([1, inputs], 1);
    const h = random([1, hidden], 2);
    const reading: Cell<null, Tensor> = {
      initialCarry: (batch) => tg.zeros([batch, hidden]),
      step: (_, carry) => ({ carry: tg.mul(carry, carry.readSync()[0]!), output: carry }),
    };
    expect(() => tg.cellPattern(reading, null, h, x)).toThrow(tg.TraceError);
    expect(() => tg.cellPattern(reading, null, h, x, { by: ['weights'] } as never)).toThrow(
      /cellPattern: `by` names "weights"/,
    );
    const two = random([2, hidden], 3);
    expect(() => tg.cellPattern(reading, null, two, x)).toThrow(/cellPattern: carry and input must be/);
    tg.disposeTree([x, h, two]);
  });
});
