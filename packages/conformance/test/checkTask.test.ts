import { createBackend } from '@tempograd/backend-js';
import {
  add,
  assign,
  cellTask,
  concat,
  flip,
  foldIn,
  full,
  keep,
  linear,
  lstmCell,
  mean,
  mul,
  normal,
  key,
  onesLike,
  rnnCell,
  row,
  scan,
  sliceAxis,
  stopGradient,
  sub,
  sum,
  tanh,
  treeMap,
  uniform,
  useBackend,
  zeros,
  zerosLike,
  type Cell,
  type LstmCarry,
  type RecurrentParams,
  type SequenceTask,
  type Tensor,
} from '@tempograd/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { checkCell, checkTask, TaskError, type TaskPromise } from '../src/index.js';

const backend = createBackend();
const [time, batch, hidden] = [5, 2, 3];

interface Params {
  readonly w: Tensor;
  readonly u: Tensor;
  readonly out: Tensor;
}

interface Stretch {
  readonly x: Tensor;
  readonly y: Tensor;
}

type Task = SequenceTask<Params, { readonly h: Tensor }, Stretch, Tensor>;

const f64 = { dtype: 'f64' } as const;
const draw = (seed: number, shape: number[]): Tensor => normal(foldIn(key(3), seed), shape, { ...f64, backend });
const params: Params = { w: draw(1, [hidden, 2]), u: draw(2, [hidden, hidden]), out: draw(3, [1, hidden]) };
const stretch: Stretch = { x: draw(4, [time, batch, 2]), y: draw(5, [time, batch, 1]) };

/** A step that drops some of what it carries by chance. */
const cell: Cell<Params, { readonly h: Tensor }> = {
  initialCarry: (rows, options) => ({ h: zeros([rows, hidden], options) }),
  step({ w, u }, { h }, x, { key: run, time: t }) {
    const noise = run === null ? 1 : add(uniform(foldIn(run, t), h.shape, f64), 0.5);
    const next = tanh(add(mul(linear(h, u), noise), linear(x, w)));
    return { carry: { h: next }, output: next };
  },
};

const squares = ({ out }: Params, output: Tensor, { y }: Stretch): Tensor => {
  const error = sub(linear(output, out), y);
  return mul(error, error);
};

const sound: Task = cellTask<Params, { readonly h: Tensor }, Stretch, Tensor, Tensor>(cell, {
  input: ({ x }) => x,
  loss: (p, output, given) => sum(squares(p, output, given)),
});

beforeEach(() => {
  useBackend(backend);
});

test('a sound task keeps all promises, with random numbers and without, and nothing is left', async () => {
  const { buffers } = backend.memory();
  const report = await checkTask(sound, params, stretch);
  expect(report.notPromised).toEqual([]);
  expect(report.kept).toHaveLength(11);
  expect((await checkTask(sound, params, stretch, { key: null })).kept).toEqual(report.kept);
  expect(backend.memory().buffers).toBe(buffers);
});

test('a task in f32 keeps them too, on whichever backend', async () => {
  const task = cellTask<RecurrentParams, LstmCarry, Stretch, Tensor, Tensor>(lstmCell({ hiddenSize: hidden }), {
    input: ({ x }) => x,
    loss: (_, output, { y }) => sum(mul(output, y)),
  });
  const other = createBackend();
  const single = (seed: number, shape: number[]): Tensor => normal(foldIn(key(5), seed), shape, { backend: other });
  const weights = { weight_ih: single(1, [4 * hidden, 2]), weight_hh: single(2, [4 * hidden, hidden]) };
  const given = { x: single(3, [time, batch, 2]), y: single(4, [time, batch, 1]) };
  expect((await checkTask(task, weights, given)).kept).toContain('a whole equals its parts');
});

test('a task that runs backward in time need not be cut', async () => {
  const backward: Task = {
    ...sound,
    causal: false,
    forward: (p, carry, { x }, { key: run }) => scan(cell, p, carry, x, { reverse: true, key: run }),
  };
  const { notPromised } = await checkTask(backward, params, stretch);
  expect(notPromised).toEqual(['no look ahead', 'a whole equals its parts']);
  await expect(checkTask({ ...backward, causal: true }, params, stretch)).rejects.toThrow(/"no look ahead": .* step 1/);
});

let calls = 0;
const constant: Tensor[] = [];

/** Tasks with one thing wrong, and the promise that each breaks. */
const mutants: Readonly<Record<string, [promise: TaskPromise, change: Partial<Task>, says: RegExp]>> = {
  'the mean in place of the sum': [
    'losses add up',
    { loss: (p, output, given) => mean(squares(p, output, given)) },
    /5 steps one by one add up to/,
  ],
  'a loss that looks at the target of the next step': [
    'a loss looks at its own step',
    {
      loss: (p, output, { x, y }) => {
        const steps = y.shape[0]!;
        const next = concat([sliceAxis(y, 1, steps), sliceAxis(y, 0, 1)]);
        return sum(squares(p, output, { x, y: next }));
      },
    },
    /step 0 only/,
  ],
  'a loss of the last step alone': [
    'a loss looks at its own step',
    { loss: (p, output, { x, y }) => sum(row(squares(p, output, { x, y }), output.shape[0]! - 1)) },
    /changes at step 0/,
  ],
  'a loss that is a row': [
    'a scalar loss',
    { loss: (p, output, given) => sum(squares(p, output, given), { axes: 0 }) },
    /f64\[2, 1\]/,
  ],
  'a loss that is NaN': [
    'a scalar loss',
    { loss: (p, output, given) => mul(sum(squares(p, output, given)), NaN) },
    /NaN/,
  ],
  'a forward that looks ahead': [
    'no look ahead',
    { forward: (p, carry, { x }, context) => sound.forward(p, carry, { x: flip(x, 0), y: x }, context) },
    /before step 1 change/,
  ],
  'a carry that is lost': [
    'a whole equals its parts',
    {
      forward: (p, carry, given, context) => {
        const { output } = sound.forward(p, carry, given, context);
        return { carry: treeMap(carry, zerosLike), output };
      },
    },
    /outputs after it/,
  ],
  'a carry without its gradient': [
    'a whole equals its parts',
    {
      forward: (p, carry, given, context) => {
        const result = sound.forward(p, carry, given, context);
        return { ...result, carry: stopGradient(result.carry) };
      },
    },
    /the gradient/,
  ],
  'random numbers of a step counted from 0': [
    'a whole equals its parts',
    { forward: (p, carry, given, context) => sound.forward(p, carry, given, { ...context, from: 0 }) },
    /cut before step 1, outputs after it/,
  ],
  'outputs of a whole stretch that is normalised': [
    'no look ahead',
    {
      forward: (p, carry, given, context) => {
        const { carry: after, output } = sound.forward(p, carry, given, context);
        return { carry: after, output: sub(output, mean(output, { axes: 0, keepAxes: true })) };
      },
    },
    /before step 1/,
  ],
  'numbers that are others every time': [
    'pure',
    {
      forward: (p, carry, given, context) => {
        const { carry: after, output } = sound.forward(p, carry, given, context);
        return { carry: after, output: mul(output, 1 + 0.001 * ++calls) };
      },
    },
    /second time/,
  ],
  'a gradient that is stopped': [
    'the gradient is the derivative',
    { loss: (p, output, given) => sum(squares({ ...p, out: stopGradient(p.out) }, output, given)) },
    /differences of the loss say/,
  ],
  'an initial carry of one row': [
    'initial carry',
    { initialCarry: () => ({ h: zeros([1, hidden], f64) }) },
    /\[1, 3\].*\[2, 3\]/,
  ],
  'an initial carry of the first input': [
    'initial carry',
    { initialCarry: (_, { x }) => ({ h: mul(full([batch, hidden], 1, f64), sum(row(x, 0))) }) },
    /other content/,
  ],
  'an output for the last step only': [
    'steps of outputs',
    {
      forward: (p, carry, given, context) => {
        const { carry: after, output } = sound.forward(p, carry, given, context);
        return { carry: after, output: row(output, output.shape[0]! - 1) };
      },
    },
    /\[2, 3\] for 5 steps/,
  ],
  'a parameter that is changed': [
    'nothing changed',
    {
      initialCarry: (p, given) => {
        const moved = add(p.out, 0.5);
        assign(p.out, moved);
        return sound.initialCarry(p, given);
      },
    },
    /"params.out", element 0/,
  ],
  'a tensor that is kept': [
    'nothing left',
    {
      initialCarry: (p, given) => {
        constant.push(keep(onesLike(p.out)));
        return sound.initialCarry(p, given);
      },
    },
    /buffers are left/,
  ],
};

describe('a broken promise is named', () => {
  test.each(Object.entries(mutants))('%s', async (_, [promise, change, says]) => {
    const own = treeMap(params, (x) => add(x, 0));
    const { buffers } = backend.memory();
    const error = await checkTask({ ...sound, ...change }, own, stretch).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(TaskError);
    expect((error as TaskError).promise).toBe(promise);
    expect((error as TaskError).message).toMatch(says);
    for (const x of constant.splice(0)) x.dispose();
    expect(backend.memory().buffers).toBe(buffers);
    for (const x of Object.values(own) as Tensor[]) x.dispose();
  });

  test('what was disposed of', async () => {
    const own = treeMap(params, (x) => add(x, 0));
    let left = 8;
    const task: Task = {
      ...sound,
      initialCarry: (p, given) => {
        const carry = sound.initialCarry(p, given);
        if (--left === 0) own.out.dispose();
        return carry;
      },
    };
    await expect(checkTask(task, own, stretch)).rejects.toThrow(/^Broken promise, "nothing changed": .* disposed of/);
    for (const x of Object.values(own) as Tensor[]) x.dispose();
  });
});

test('a stretch without steps, or with one, is refused', async () => {
  await expect(checkTask(sound, params, { x: zeros([1, 2, 2]), y: zeros([1, 2, 1]) })).rejects.toThrow(
    /2 steps or more/,
  );
  await expect(checkTask(sound, params, { ...stretch, y: draw(1, [4, 2, 1]) })).rejects.toThrow(/"y" is \[4,2,1\]/);
});

describe('a cell', () => {
  const plain = rnnCell({ hiddenSize: hidden });
  const weights = { weight_ih: params.w, weight_hh: params.u };
  const start = draw(9, [batch, hidden]);

  test('whose segment equals its step passes', async () => {
    const { buffers } = backend.memory();
    expect((await checkCell(plain, weights, start, stretch.x)).tried).toHaveLength(6);
    expect((await checkCell(cell, params, { h: start }, stretch.x)).tried).toHaveLength(6);
    expect(backend.memory().buffers).toBe(buffers);
  });

  const faults: Readonly<Record<string, [NonNullable<typeof plain.segment>, RegExp]>> = {
    'that forgets the mask': [
      (p, h, x, options) => plain.segment!(p, h, x, { ...options, mask: null }),
      /a mask with holes/,
    ],
    'that forgets reverse': [
      (p, h, x, options) => plain.segment!(p, h, x, { ...options, reverse: false }),
      /no mask, reverse/,
    ],
    'that starts from zeros': [(p, h, x, options) => plain.segment!(p, zerosLike(h), x, options), /no mask: /],
    'without a gradient of the carry': [
      (p, h, x, options) => plain.segment!(p, stopGradient(h), x, options),
      /the gradient: "carry"/,
    ],
  };

  test.each(Object.entries(faults))('with a segment %s does not', async (_, [segment, says]) => {
    await expect(checkCell({ ...plain, segment }, weights, start, stretch.x)).rejects.toThrow(says);
    await expect(checkCell({ ...plain, segment }, weights, start, stretch.x)).rejects.toThrow(TaskError);
  });
});
