import { createBackend } from '@tempograd/backend-js';
import { expect, test } from 'vitest';
import {
  ArgumentError,
  add,
  bernoulli,
  cellTask,
  creditMatrix,
  disposeTree,
  foldIn,
  fromArray,
  full,
  grad,
  gruCell,
  key,
  linear,
  lstmCell,
  matmul,
  mul,
  normal,
  scope,
  sum,
  tanh,
  treeLeaves,
  withBackend,
  zeros,
  type Cell,
  type RecurrentParams,
  type SequenceTask,
  type Tensor,
} from '../src/index.js';
import { bruteCredit } from './fixtures/bruteCredit.js';
import { leavesNothingOn } from './fixtures/leavesNothing.js';

const backend = createBackend();
const f64 = { dtype: 'f64' } as const;

leavesNothingOn(backend);

const draw = (seed: number, shape: number[], scale = 1): Tensor => mul(normal(foldIn(key(3), seed), shape, f64), scale);

interface Stretch {
  readonly x: Tensor;
  readonly mask?: Tensor;
}
interface Params {
  readonly cell: RecurrentParams;
  readonly head: Tensor;
}

/** A standard cell with a readout, of which the loss makes a square. */
function standard(
  cell: Cell<RecurrentParams, unknown>,
  gates: number,
  [inputs, hidden]: readonly [number, number],
  scale = 1,
) {
  const inner = cellTask<RecurrentParams, unknown, Stretch, Tensor, Tensor>(cell, {
    input: ({ x }) => x,
    mask: ({ mask }) => mask ?? null,
    loss: (_, output) => sum(output),
  });
  const task: SequenceTask<Params, unknown, Stretch, Tensor> = {
    initialCarry: (p, stretch) => inner.initialCarry(p.cell, stretch),
    forward: (p, carry, stretch, context) => inner.forward(p.cell, carry, stretch, context),
    loss: (p, output) => {
      const y = linear(output, p.head);
      return sum(mul(y, y));
    },
  };
  const params: Params = {
    cell: {
      weight_ih: draw(1, [gates * hidden, inputs], scale),
      weight_hh: draw(2, [gates * hidden, hidden], scale),
      bias_ih: draw(3, [gates * hidden], scale),
      bias_hh: draw(4, [gates * hidden], scale),
    },
    head: draw(5, [1, hidden]),
  };
  return { task, params };
}

/** A cell of one's own: its weight is used twice a step, once transposed, and it drops out; its carry counts steps as well. */
const own: SequenceTask<{ w: Tensor; u: Tensor }, { h: Tensor; steps: Tensor }, Stretch, { y: Tensor }> = {
  ...cellTask<{ w: Tensor; u: Tensor }, { h: Tensor; steps: Tensor }, Stretch, Tensor, { y: Tensor }>(
    {
      initialCarry: (batch, options) => ({ h: zeros([batch, 3], options), steps: zeros([batch], { dtype: 'i32' }) }),
      step: ({ w, u }, { h, steps }, x, { key: run, time }) =>
        scope(() => {
          const kept = run === null ? h : mul(h, bernoulli(foldIn(run, time), 0.7, h.shape, f64));
          const after = tanh(add(matmul(matmul(kept, w), w, { transposeB: true }), mul(matmul(x, u), sum(u))));
          return { carry: { h: after, steps: add(steps, 1) }, output: { y: mul(after, after) } };
        }),
    },
    { input: ({ x }) => x, loss: (_, { y }) => sum(y) },
  ),
};

function expectSame(actual: ArrayLike<number>, wanted: readonly number[], what: string): void {
  const scale = Math.max(1e-300, ...wanted.map(Math.abs));
  expect(actual.length, what).toBe(wanted.length);
  wanted.forEach((value, index) => {
    if (Math.abs((actual[index] as number) - value) > 1e-12 * scale)
      expect(actual[index], `${what}[${index}]`).toBe(value);
  });
}

/** Compares all of a matrix with one made by brute force. */
function hold<P, C, S, O>(task: SequenceTask<P, C, S, O>, params: P, stretch: S, options = {}): void {
  const wanted = bruteCredit(task, params, stretch, options);
  const matrix = creditMatrix(task, params, stretch, options);
  const norms = matrix.norms();
  wanted.forEach((row, s) => {
    expect(matrix.credit[s]?.length).toBe(s + 1);
    row.forEach((vector, t) => {
      expectSame(matrix.credit[s]?.[t] as Float64Array, vector, `G[${s}][${t}]`);
      const norm = Math.hypot(...vector);
      expect(Math.abs((norms[s]?.[t] as number) - norm)).toBeLessThanOrEqual(1e-12 * norm);
    });
    expect(norms[s]?.slice(s + 1).every((norm) => norm === 0)).toBe(true);
  });
}

test.each([1, 2])('is what brute force gives, with %i rows', (batch) => {
  scope(() => {
    for (const [cell, gates] of [
      [lstmCell({ hiddenSize: 3 }), 4],
      [gruCell({ hiddenSize: 3 }), 3],
    ] as const) {
      const { task, params } = standard(cell, gates, [2, 3]);
      const mask = fromArray(Int32Array.from([1, 1, 1, 0, 1, 1, 0, 1, 1, 1]).slice(0, 5 * batch), [5, batch], {
        dtype: 'i32',
      });
      hold(task, params, { x: draw(6, [5, batch, 2]), mask });
    }
    const params = { w: draw(7, [3, 3]), u: draw(8, [2, 3]) };
    hold(own, params, { x: draw(9, [4, batch, 2]) }, { key: key(4) });
    const carry = { h: draw(10, [batch, 3]), steps: full([batch], 7, { dtype: 'i32' }) };
    hold(own, params, { x: draw(9, [4, batch, 2]) }, { carry });
    hold(own, params, { x: draw(9, [1, batch, 2]) });
  });
});

test('where it is large its vectors are made when asked for, also when parameters have moved on and another backend is in use', () => {
  const time = 22;
  const made = scope(() => {
    const { task, params } = standard(lstmCell({ hiddenSize: 64 }), 4, [4, 64], 0.1);
    const stretch = { x: draw(6, [time, 1, 4]) };
    const matrix = creditMatrix(task, params, stretch);
    const whole = grad((p: Params) => {
      const context = { from: 0, key: null };
      const { output } = task.forward(p, task.initialCarry(p, stretch), stretch, context);
      return task.loss(p, output, stretch, context);
    })(params);
    const wanted = bruteCredit(task, params, stretch, { losses: [0, 13, 21] });
    return { matrix, wanted, gradient: treeLeaves(whole).flatMap((leaf) => [...leaf.readSync()]) };
  });
  const { matrix, wanted, gradient } = made;
  const size = gradient.length;
  expect((size * time * (time + 1)) / 2).toBeGreaterThan(2 ** 22);
  withBackend(createBackend(), () => {
    for (const [s, t] of [
      [0, 0],
      [21, 21],
      [21, 20],
      [21, 0],
      [13, 5],
    ] as const)
      expectSame(matrix.credit[s]?.[t] as Float64Array, wanted[s]?.[t] as number[], `G[${s}][${t}]`);
    expectSame(matrix.masked(), gradient, 'the gradient');
  });
  const norms = matrix.norms();
  wanted.forEach((row, s) =>
    row.forEach((vector, t) => {
      const norm = Math.sqrt(vector.reduce((total, value) => total + value * value, 0));
      expect(Math.abs((norms[s]?.[t] as number) - norm)).toBeLessThanOrEqual(1e-12 * norm);
    }),
  );
  expect(Object.keys(matrix.credit[3] ?? [])).toEqual(['0', '1', '2', '3']);
  expect(matrix.readout[4]?.slice(0, -64).every((value) => value === 0)).toBe(true);
  expect(matrix.readout[4]?.slice(-64).some((value) => value !== 0)).toBe(true);
});

test('a mask and counts of another stretch are refused, and those of this one are not', () => {
  scope(() => {
    const { task, params } = standard(gruCell({ hiddenSize: 2 }), 3, [1, 2]);
    const credit = creditMatrix(task, params, { x: draw(6, [3, 1, 1]) });
    const wrong =
      (mask: unknown, counted?: unknown): (() => unknown) =>
      () =>
        credit.masked(mask as number[][], counted as number[]);
    expect(wrong([[1]])).toThrow('masked: mask must be an array of 3 rows');
    expect(wrong(5)).toThrow('but is a number');
    expect(wrong(null)).toThrow('but is null');
    expect(wrong([[1, 0, 0], [1], [1, 1, 1]])).toThrow('row 1 of the mask must be an array of 3 numbers, but has 1');
    expect(wrong(undefined, [1])).toThrow('masked: counted must be an array of 3 numbers');
    const ones = Array.from({ length: 3 }, () => [1, 1, 1]);
    expect(credit.masked(ones, [1, 1, 1])).toEqual(credit.masked());
  });
});

test('says NaN where it is NaN, and leaves nothing behind where the task throws', () => {
  const { task, params, x } = scope(() => ({
    ...standard(gruCell({ hiddenSize: 2 }), 3, [1, 2]),
    x: full([3, 1, 1], NaN, f64),
  }));
  const norms = creditMatrix(task, params, { x }).norms();
  expect(norms[2]).toEqual([NaN, NaN, NaN]);
  for (const broken of ['forward', 'loss'] as const) {
    let calls = 0;
    const breaking = {
      ...task,
      [broken]: (...args: unknown[]) => {
        if (++calls === 3) throw new Error('in the middle');
        return (task[broken] as (...given: unknown[]) => unknown)(...args);
      },
    };
    expect(() => creditMatrix(breaking, params, { x })).toThrow('in the middle');
  }
  expect(() => creditMatrix({ ...task, causal: false }, params, { x })).toThrow(ArgumentError);
  expect(() => creditMatrix({} as typeof task, params, { x })).toThrow(/a task is wanted/);
  disposeTree([params, x]);
});
