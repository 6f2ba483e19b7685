import { createBackend } from '@tempograd/backend-js';
import { expect, test } from 'vitest';
import {
  add,
  ArgumentError,
  cellTask,
  creditMatrix,
  disposeTree,
  foldIn,
  fromArray,
  full,
  gradientByLag,
  gruCell,
  key,
  lstmCell,
  mul,
  normal,
  readGradientByLag,
  scope,
  sum,
  withBackend,
  zeros,
  type Cell,
  type RecurrentParams,
  type SequenceTask,
  type Tensor,
} from '../src/index.js';
import { leavesNothingOn } from './fixtures/leavesNothing.js';

const backend = createBackend();
const f64 = { dtype: 'f64' } as const;

leavesNothingOn(backend);

interface Stretch {
  readonly x: Tensor;
  readonly mask?: Tensor | null;
}

/** `h' = λ h + x`, whose gradient fades by λ at each step. */
function linearTask(dtype: 'f32' | 'f64'): SequenceTask<{ lambda: Tensor }, Tensor, Stretch, Tensor> {
  const cell: Cell<{ lambda: Tensor }, Tensor> = {
    initialCarry: (batch) => zeros([batch, 1], { dtype }),
    step: ({ lambda }, h, x) =>
      scope(() => {
        const after = add(mul(lambda, h), x);
        return { carry: after, output: mul(after, 1) };
      }),
  };
  return cellTask(cell, { input: ({ x }: Stretch) => x, loss: (_, output) => sum(output) });
}

function squareTask(
  of: typeof gruCell | typeof lstmCell,
  hidden: number,
): SequenceTask<RecurrentParams, unknown, Stretch, Tensor> {
  return cellTask(of({ hiddenSize: hidden }) as Cell<RecurrentParams, unknown>, {
    input: ({ x }: Stretch) => x,
    mask: ({ mask }: Stretch) => mask ?? null,
    loss: (_, output) => sum(mul(output, output)),
  });
}

function weights(gates: number, inputs: number, hidden: number): RecurrentParams {
  const draw = (seed: number, shape: number[]): Tensor => normal(foldIn(key(3), seed), shape, f64);
  return {
    weight_ih: draw(1, [gates * hidden, inputs]),
    weight_hh: draw(2, [gates * hidden, hidden]),
    bias_ih: draw(3, [gates * hidden]),
    bias_hh: draw(4, [gates * hidden]),
  };
}

test('fades by λ at each step in a linear cell, far beyond the range of f32', () => {
  scope(() => {
    const lambda = 1e-3;
    const params = { lambda: full([1], lambda) };
    const [time, batch] = [60, 2];
    const { states, parameters, losses } = gradientByLag(linearTask('f32'), params, { x: full([time, batch, 1], 1) });
    const norms = states[''] as number[];
    expect(norms.length).toBe(time);
    norms.forEach((norm, lag) => {
      expect(norm / (Math.SQRT2 * lambda ** lag), `lag ${lag}`).toBeCloseTo(1, 4);
    });
    const state = losses[0]?.states[0];
    expect(state?.shape).toEqual([batch]);
    expect(state?.each[0]).toEqual([]);
    expect((state?.each[50]?.[1] as number) / lambda ** 50).toBeCloseTo(1, 4);
    // Every row adds δ·h: h is 1/(1−λ) before the first step already, but for the start at 0.
    expect((parameters[20] as number) / (2 * lambda ** 20)).toBeCloseTo(1 / (1 - lambda), 4);
    expect(parameters[time - 1]).toBe(0);
    expect(losses[0]?.loss).toBeCloseTo(2 / (1 - lambda), 4);
  });
});

test.each([
  ['gru', gruCell, 3, 2],
  ['gru', gruCell, 3, 1],
  ['lstm', lstmCell, 4, 2],
  ['lstm', lstmCell, 4, 1],
] as const)(
  '%s: is a diagonal of the credit matrix, masked steps and rows included, for every loss',
  (_name, cell, gates, batch) => {
    scope(() => {
      const [time, inputs, hidden] = [6, 2, 3];
      const task = squareTask(cell, hidden);
      const params = weights(gates, inputs, hidden);
      const valid = [1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1].slice(-time * batch);
      const mask = fromArray(Int32Array.from(valid), [time, batch], { dtype: 'i32' });
      const stretch = { x: normal(key(5), [time, batch, inputs], f64), mask };
      const norms = creditMatrix(task, params, stretch).norms();
      const every = Array.from({ length: time }, (_, s) => s);
      const together = gradientByLag(task, params, stretch, { from: every });
      expect(together.losses.map(({ step }) => step)).toEqual(every);
      for (const s of every) {
        const wanted = every.slice(0, s + 1).map((k) => norms[s]?.[s - k] as number);
        const alone = gradientByLag(task, params, stretch, { from: s }).losses[0];
        const beside = together.losses[s];
        for (const given of [alone, beside]) {
          given?.parameters.forEach((norm, k) =>
            expect(norm, `G[${s}][${s - k}]`).toBeCloseTo(wanted[k] as number, 12),
          );
          expect(given?.parameters.length).toBe(s + 1);
        }
        alone?.states.forEach(({ name, norms: of, each }, leaf) => {
          expect(beside?.states[leaf]?.name).toBe(name);
          of.forEach((norm, k) => {
            expect(beside?.states[leaf]?.norms[k]).toBeCloseTo(norm, 12);
            if (k > 0) expect(Math.hypot(...(each[k] as number[]))).toBeCloseTo(norm, 12);
          });
        });
      }
      const short = gradientByLag(task, params, stretch, { from: [3, 5], lags: 2 });
      expect(short.losses.map(({ parameters }) => parameters.length)).toEqual([3, 3]);
      short.losses.forEach(({ step, parameters, states }) => {
        parameters.forEach((norm, k) => expect(norm).toBeCloseTo(norms[step]?.[step - k] as number, 12));
        expect(states.map(({ norms: of }) => of.length)).toEqual(states.map(() => 3));
      });
      const mean = (k: number): number =>
        short.losses.reduce((total, each) => total + (each.parameters[k] as number), 0) / 2;
      expect(short.parameters).toEqual([mean(0), mean(1), mean(2)]);
    });
  },
);

test('goes on from a carry, takes one step alone, and is read late as well', async () => {
  const task = linearTask('f64');
  const params = { lambda: full([1], 0.5, f64) };
  const x = full([1, 1, 1], 1, f64);
  const carry = full([1, 1], 4, f64);
  const one = gradientByLag(task, params, { x }, { carry });
  expect(one).toEqual({
    states: { '': [1] },
    parameters: [4],
    losses: [{ step: 0, loss: 3, parameters: [4], states: [{ name: '', shape: [1], norms: [1], each: [[]] }] }],
  });
  expect(await readGradientByLag(task, params, { x }, { carry })).toEqual(one);
  for (const tensor of [params.lambda, x, carry]) tensor.dispose();
});

test('says NaN where parameters are NaN', () => {
  scope(() => {
    const params = { lambda: full([1], NaN, f64) };
    const { states, parameters, losses } = gradientByLag(linearTask('f64'), params, { x: full([3, 1, 1], 1, f64) });
    expect(losses[0]?.loss).toBeNaN();
    expect(states['']).toEqual([1, NaN, NaN]);
    expect(parameters).toEqual([NaN, NaN, NaN]);
  });
});

test('refuses what it cannot do, and leaves nothing behind where the task throws in the middle', () => {
  scope(() => {
    const params = { lambda: full([1], 0.5, f64) };
    const stretch = { x: full([4, 1, 1], 1, f64) };
    const task = linearTask('f64');
    for (const from of [-1, 4, 1.5, NaN, [], [0, 9], '2' as unknown as number]) {
      expect(() => gradientByLag(task, params, stretch, { from }), String(from)).toThrow(ArgumentError);
    }
    for (const lags of [-1, 0.5, NaN])
      expect(() => gradientByLag(task, params, stretch, { lags }), String(lags)).toThrow(ArgumentError);
    expect(() => gradientByLag({ ...task, causal: false }, params, stretch)).toThrow(/runs backward in time/);
    expect(() => gradientByLag({} as typeof task, params, stretch)).toThrow(/a task is wanted/);
    const before = backend.memory().buffers;
    const breaking: typeof task = {
      ...task,
      forward: (p, carry, at, context) => {
        if (context.from === 2) throw new Error('broken at 2');
        return task.forward(p, carry, at, context);
      },
    };
    expect(() => gradientByLag(breaking, params, stretch)).toThrow('broken at 2');
    const losing: typeof task = {
      ...task,
      loss: () => {
        throw new Error('no loss');
      },
    };
    expect(() => gradientByLag(losing, params, stretch)).toThrow('no loss');
    expect(backend.memory().buffers).toBe(before);
  });
});

test('where the backend cannot read at once it says which function can', async () => {
  const { readSync: _, ...late } = backend;
  const made = withBackend(late, () => ({
    params: { lambda: full([1], 0.5, f64) },
    x: full([3, 1, 1], 1, f64),
    carry: zeros([1, 1], f64),
  }));
  const { params, x, carry } = made;
  expect(() => gradientByLag(linearTask('f64'), params, { x }, { carry })).toThrow(/await readGradientByLag/);
  const { states } = await readGradientByLag(linearTask('f64'), params, { x }, { carry });
  expect(states['']).toEqual([1, 0.5, 0.25]);
  disposeTree(made);
});
