import { createBackend } from '@tempograd/backend-js';
import { describe, expect, test } from 'vitest';
import {
  add,
  ArgumentError,
  cellJacobian,
  cellTask,
  countedLosses,
  creditMatrix,
  foldIn,
  fullBptt,
  key,
  linear,
  mul,
  normal,
  ones,
  recordPaths,
  scan,
  scope,
  sliceAxis,
  sum,
  tanh,
  traceStep,
  treeLeaves,
  treeMap,
  truncatedBptt,
  truncationMask,
  uniform,
  useBackend,
  zeros,
  type Cell,
  type Key,
  type Strategy,
  type Tensor,
} from '../src/index.js';
import { leavesNothingOn } from './fixtures/leavesNothing.js';

const backend = createBackend();
const f64 = { dtype: 'f64' } as const;

leavesNothingOn(backend);

interface Params {
  readonly w: Tensor;
  readonly u: Tensor;
}

type Carry = { readonly h: Tensor };

/** A cell that drops and shifts what it carries by chance, another way at every step, and counts the time. */
const noisy: Cell<Params, Carry> = {
  initialCarry: (batch, options) => ({ h: zeros([batch, 3], options) }),
  step({ w, u }, { h }, x, { key: run, time }) {
    const [shape, like] = [h.shape, { dtype: h.dtype as 'f64', backend: h.backend }];
    const noise = run === null ? 1 : add(uniform(foldIn(run, time), shape, like), 0.5);
    const next = tanh(add(mul(linear(h, u), noise), add(linear(x, w), time / 10)));
    return { carry: { h: next }, output: next };
  },
};

const params = (): Params => ({ w: normal(key(1), [3, 2], f64), u: normal(key(2), [3, 3], f64) });
const input = (time: number, batch = 2): Tensor => normal(key(3), [time, batch, 2], f64);
const run = key(77);
const numbers = (tree: unknown): number[] => treeLeaves(tree).flatMap((x) => [...x.readSync()]);

describe('a scan', () => {
  test.each([
    { mask: false, reverse: false },
    { mask: true, reverse: false },
    { mask: true, reverse: true },
  ])('that is cut gives the same numbers as the whole: %j', ({ mask: masked, reverse }) =>
    scope(() => {
      const [p, x] = [params(), input(9)];
      const mask = masked ? ones([9, 2], { dtype: 'i32' }) : null;
      const part = (from: number, to: number, carry: Carry, first = 0): { carry: Carry; output: Tensor } =>
        scan(noisy, p, carry, sliceAxis(x, from, to), {
          key: run,
          from: first + from,
          reverse,
          mask: mask && sliceAxis(mask, from, to),
        });
      const start = { h: ones([2, 3], f64) };
      const whole = part(0, 9, start);
      for (const cut of [1, 4, 8]) {
        const [first, second] = reverse
          ? ([
              [cut, 9],
              [0, cut],
            ] as const)
          : ([
              [0, cut],
              [cut, 9],
            ] as const);
        const one = part(first[0], first[1], start);
        const two = part(second[0], second[1], one.carry);
        expect(numbers(two.carry)).toEqual(numbers(whole.carry));
        const outputs = [...numbers(one.output), ...numbers(two.output)];
        const inOrder = reverse ? [...numbers(two.output), ...numbers(one.output)] : outputs;
        expect(inOrder).toEqual(numbers(whole.output));
      }
      const later = part(0, 9, start, 100);
      expect(numbers(later.output)).not.toEqual(numbers(whole.output));
    }),
  );

  test('draws nothing by default, and another key draws other numbers', () =>
    scope(() => {
      const of = (given?: Key): number[] =>
        numbers(scan(noisy, params(), { h: ones([2, 3], f64) }, input(4), given ? { key: given } : {}).output);
      expect(of()).toEqual(of());
      expect(of(run)).toEqual(of(run));
      expect(of(run)).not.toEqual(of());
      expect(of(run)).not.toEqual(of(key(78)));
    }));

  test('refuses a place that is none', () =>
    scope(() => {
      for (const from of [-1, 0.5, NaN, Infinity])
        expect(() => scan(noisy, params(), { h: ones([2, 3], f64) }, input(4), { from })).toThrow(ArgumentError);
    }));
});

const task = cellTask<Params, Carry, Tensor, Tensor, Tensor>(noisy, {
  input: (stretch) => stretch,
  loss: (_params, output) => sum(mul(output, output)),
});

/** The sum of the gradients of all updates, at frozen parameters, the sequence being given in pieces. */
function gradientOf(strategy: Strategy, p: Params, x: Tensor, pushes: readonly number[], resumeAt = -1): number[] {
  let running = strategy.start(task, { key: run });
  let total: number[] = [];
  const gather = (updates: ReturnType<typeof running.push>): void => {
    for (const { gradient } of updates) {
      const one = numbers(gradient);
      total = one.map((value, index) => value + (total[index] ?? 0));
    }
  };
  let from = 0;
  pushes.forEach((steps, index) => {
    const part = sliceAxis(x, from, from + steps);
    gather(running.push(p, part));
    part.dispose();
    from += steps;
    if (index !== resumeAt) return;
    const snapshot = running.snapshot();
    running.dispose();
    running = strategy.start(task, { key: run, snapshot });
    for (const leaf of treeLeaves([
      snapshot.carry,
      snapshot.pending,
      snapshot.pieces.map((piece) => ({ ...piece, from: null })),
    ]))
      leaf.dispose();
  });
  gather(running.finish(p));
  running.dispose();
  return total;
}

describe('random numbers are the same whenever a step is run', () => {
  const regimes = [
    { updateEvery: 3 },
    { updateEvery: 3, backwardSteps: 5 },
    { updateEvery: 4, backwardSteps: 2 },
    { updateEvery: 2, backwardSteps: 7, staleness: 'recompute' as const },
  ];

  test.each(regimes)('by truncation: %j', (regime) =>
    scope(() => {
      const [p, x] = [params(), input(11)];
      const { updateEvery, backwardSteps = updateEvery } = regime;
      const credit = creditMatrix(task, p, x, { key: run });
      const shape = { time: 11, updateEvery, backwardSteps };
      const expected = credit.masked(truncationMask(shape), countedLosses(shape));
      const quiet = creditMatrix(task, p, x).masked(truncationMask(shape), countedLosses(shape));
      const whole = gradientOf(truncatedBptt(regime), p, x, [11]);
      expect(quiet.some((value, index) => Math.abs(value - expected[index]!) > 1e-3)).toBe(true);
      for (const pushes of [[11], [4, 4, 3], [1, 9, 1]]) {
        const actual = gradientOf(truncatedBptt(regime), p, x, pushes);
        actual.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 12));
        expect(gradientOf(truncatedBptt(regime), p, x, pushes, 0)).toEqual(actual);
      }
      whole.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 12));
    }),
  );

  test('by full backpropagation', () =>
    scope(() => {
      const [p, x] = [params(), input(7)];
      const expected = creditMatrix(task, p, x, { key: run }).masked();
      gradientOf(fullBptt(), p, x, [3, 4]).forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, 12));
    }));
});

describe("a cell's task", () => {
  test.each([1, 2, 5])('starts with a carry of as many rows as the stretch, like the parameters: %i', (batch) => {
    const p = params();
    const x = input(4, batch);
    const carry = task.initialCarry(p, x);
    expect(carry.h.shape).toEqual([batch, 3]);
    expect(carry.h.dtype).toBe('f64');
    expect(gradientOf(truncatedBptt({ updateEvery: 2 }), p, x, [4])).toHaveLength(15);
    for (const leaf of treeLeaves([p, x, carry])) leaf.dispose();
  });

  test('takes the backend from the parameters, whichever is selected', () => {
    const p = params();
    const x = input(4);
    useBackend(createBackend());
    const carry = task.initialCarry(p, x);
    expect(carry.h.backend).toBe(backend);
    for (const leaf of treeLeaves([p, x, carry])) leaf.dispose();
  });

  test('without an input that has a batch needs a carry of its own', () =>
    scope(() => {
      const times = cellTask<Tensor, Tensor, Tensor, Tensor, Tensor>(
        { initialCarry: (batch) => zeros([batch]), step: (_, h, x) => ({ carry: add(h, x), output: h }) },
        { input: (stretch) => stretch, loss: (_params, output) => sum(output) },
      );
      expect(() => times.initialCarry(ones([]), ones([4]))).toThrow('Give initialCarry: (params, stretch) =>');
    }));

  test('refuses the batch that it once was given', () => {
    expect(() => cellTask(noisy, { batch: 2, input: (x: Tensor) => x, loss: () => zeros([]) } as never)).toThrow(
      /there is no option "batch"/,
    );
  });
});

test('a step that looks at the time or the key of a run is not traced, one that finds no key is', () =>
  scope(() => {
    const example = { params: params(), carry: { h: zeros([2, 3], f64) }, input: zeros([2, 2], f64) };
    expect(() => traceStep(noisy, example)).toThrow('looks at context.time cannot be traced');
    const timeless: typeof noisy = {
      ...noisy,
      step: (p, carry, x, { key: given }) => noisy.step(p, carry, x, { key: given, time: 0 }),
    };
    traceStep(timeless, example).dispose();
    const { paths, result } = recordPaths(() => scan(noisy, example.params, example.carry, input(3), { key: run }));
    expect(paths.filter(({ family }) => family === 'segment').map(({ path }) => path)).toEqual(['composed']);
    expect(result.output.shape).toEqual([3, 2, 3]);
  }));

test('the Jacobian of a step is that of its time', () =>
  scope(() => {
    const [p, carry, x] = [params(), { h: ones([2, 3], f64) }, ones([2, 2], f64)];
    const at = (time: number): number[] =>
      numbers(cellJacobian(noisy, p, carry, x, { by: ['carry'], time }).carryByCarry);
    expect(at(3)).not.toEqual(at(0));
    const h = treeMap(noisy.step(p, carry, x, { key: null, time: 3 }).carry, (leaf) => leaf);
    expect(numbers(cellJacobian(noisy, p, carry, x, { time: 3 }).carry)).toEqual(numbers(h));
  }));
