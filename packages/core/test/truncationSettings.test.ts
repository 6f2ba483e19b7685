import { createBackend } from '@tempograd/backend-js';
import { expect, test } from 'vitest';
import {
  adaptiveTruncationMask,
  ArgumentError,
  artbp,
  artbpMask,
  countedLosses,
  fullBptt,
  key,
  mul,
  randomTelescoping,
  scope,
  sum,
  telescopingMask,
  tensor,
  treeLeaves,
  truncatedBptt,
  truncationMask,
  useBackend,
  type SequenceTask,
  type Tensor,
} from '../src/index.js';

useBackend(createBackend());

test('settings that make no sense are refused by name', () => {
  expect(() => truncatedBptt({ updateEvery: 0 })).toThrow(/updateEvery .* ≥ 1, but is 0/);
  expect(() => truncatedBptt({ updateEvery: 2, backwardSteps: 1.5 })).toThrow(/backwardSteps .* 1.5/);
  expect(() => truncatedBptt({ updateEvery: 2, lossScope: 'window' as 'last' })).toThrow(/once for every window/);
  expect(() => truncatedBptt({ updateEvery: 2, staleness: 'old' as 'stored' })).toThrow(ArgumentError);
});

test('masks and draws of no number of steps are refused by name, and end', () => {
  const wrong = [0, -1, 1.5, NaN];
  for (const steps of wrong) {
    const regime = { time: 5, updateEvery: 2, backwardSteps: 2 };
    for (const name of ['time', 'updateEvery', 'backwardSteps'])
      for (const mask of [truncationMask, countedLosses])
        expect(() => mask({ ...regime, [name]: steps }), `${name} ${steps}`).toThrow(`${name} is a number of steps`);
    for (const name of ['time', 'segment']) {
      const drawn = { time: 5, segment: 2, meanLength: 4, [name]: steps };
      expect(() => artbpMask(drawn), `${name} ${steps}`).toThrow(`artbpMask: ${name} is`);
      expect(() => telescopingMask(drawn), `${name} ${steps}`).toThrow(`telescopingMask: ${name} is`);
    }
    for (const name of ['time', 'updateEvery']) {
      const lengths = { time: 5, updateEvery: 2, lengths: [1, 2, 3], [name]: steps };
      expect(() => adaptiveTruncationMask(lengths), `${name} ${steps}`).toThrow(`adaptiveTruncationMask: ${name} is`);
    }
    expect(() => artbp({ updateEvery: 2, meanLength: 4 }).cuts(key(1), steps)).toThrow(`time is a number of steps`);
    const telescoping = randomTelescoping({ updateEvery: 2, meanLength: 4 });
    expect(() => telescoping.lengths(key(1), steps)).toThrow(`time is a number of steps`);
  }
});

test('the mask of a strategy whose lengths are infinite is that of the whole sequence', () => {
  const { updateEvery, backwardSteps } = fullBptt();
  expect(truncationMask({ time: 4, updateEvery, backwardSteps })).toEqual([
    [1, 0, 0, 0],
    [1, 1, 0, 0],
    [1, 1, 1, 0],
    [1, 1, 1, 1],
  ]);
  expect(countedLosses({ time: 3, updateEvery, backwardSteps })).toEqual([1, 1, 1]);
  expect(truncationMask({ time: 3, updateEvery: 2, backwardSteps })[2]).toEqual([1, 1, 1]);
});

/** x_t = w · x_{t−1}: three steps from 0.9. */
const power: SequenceTask<Tensor, Tensor, Tensor, Tensor> = {
  initialCarry: () => tensor(0.9, { dtype: 'f64' }),
  forward(w, carry, stretch) {
    let x = carry;
    for (let t = 0; t < (stretch.shape[0] as number); t++) x = mul(w, x);
    return { carry: x, output: x };
  },
  loss: (_w, output) => sum(output),
};

function gradientOf(strategy: ReturnType<typeof fullBptt>): number {
  return scope(() => {
    const w = tensor(0.2, { dtype: 'f64' });
    const run = strategy.start(power);
    let total = 0;
    const stretch = tensor([0, 0, 0], { dtype: 'f64' });
    for (const update of run.push(w, stretch)) total += treeLeaves(update.gradient)[0]?.readSync()[0] as number;
    for (const update of run.finish(w)) total += treeLeaves(update.gradient)[0]?.readSync()[0] as number;
    run.dispose();
    return total;
  });
}

test('the scalar case: dx₃/dw = 3 w² x₀ = 0.108', () => {
  expect(Math.abs(gradientOf(fullBptt()) - 0.108)).toBeLessThan(1e-15);
  expect(Math.abs(gradientOf(truncatedBptt({ updateEvery: 3 })) - 0.108)).toBeLessThan(1e-15);
});

/** Gradients of each step's own state, by a loop that adds to the gradients of earlier states instead of beginning with none. */
function withOldGradientsLeft(w: number, x0: number, steps: number): number[] {
  const x = Array.from({ length: steps + 1 }, (_, t) => x0 * w ** t);
  const ofState = x.map(() => 0);
  return x.slice(1).map((_, at) => {
    let [total, cotangent] = [0, 1];
    for (let t = at; t >= 0; t--) {
      total += cotangent * (x[t] as number);
      cotangent = ofState[t] = (ofState[t] as number) + cotangent * w;
    }
    return total;
  });
}

test('the well-known wrong loop gives dx₃/dw = 0.288; windows that overlap forget what earlier losses said', () => {
  const wrong = withOldGradientsLeft(0.2, 0.9, 3);
  expect(wrong.map((value) => +value.toFixed(15))).toEqual([0.9, 0.36, 0.288]);
  scope(() => {
    const w = tensor(0.2, { dtype: 'f64' });
    for (const staleness of ['stored', 'recompute'] as const) {
      const run = truncatedBptt({ updateEvery: 1, backwardSteps: 3, staleness }).start(power);
      const gradients: number[] = [];
      for (const { gradient } of run.push(w, tensor([0, 0, 0], { dtype: 'f64' })))
        gradients.push(gradient.readSync()[0] as number);
      [0.9, 0.36, 0.108].forEach((right, t) => expect(Math.abs((gradients[t] as number) - right)).toBeLessThan(1e-15));
      run.dispose();
    }
  });
});

test('an update is unbiased as long as its window reaches the beginning and no loss is left out', () => {
  const unbiased = (strategy: ReturnType<typeof fullBptt>): boolean[] =>
    scope(() => {
      const w = tensor(0.2, { dtype: 'f64' });
      const run = strategy.start(power);
      const found: boolean[] = [];
      for (const update of run.push(w, tensor([0, 0, 0, 0, 0], { dtype: 'f64' }))) found.push(update.unbiased);
      for (const update of run.finish(w)) found.push(update.unbiased);
      run.dispose();
      return found;
    });
  expect(unbiased(fullBptt())).toEqual([true]);
  expect(unbiased(truncatedBptt({ updateEvery: 2 }))).toEqual([true, false, false]);
  expect(unbiased(truncatedBptt({ updateEvery: 2, backwardSteps: 4 }))).toEqual([true, true, false]);
  expect(unbiased(truncatedBptt({ updateEvery: 2, backwardSteps: 1 }))).toEqual([false, false, false]);
  expect(unbiased(truncatedBptt({ updateEvery: 7 }))).toEqual([true]);
});

test('a sequence that cannot be cut is refused at the start', () => {
  expect(() => truncatedBptt({ updateEvery: 3 }).start({ ...power, causal: false })).toThrow(/bidirectional/);
  expect(() => fullBptt().start({ ...power, causal: false })).not.toThrow();
});

test('dropped losses are said', () => {
  expect(truncatedBptt({ updateEvery: 4, lossScope: 'last' }).drops).toMatch(/4th/);
  expect(truncatedBptt({ updateEvery: 4 }).drops).toBeNull();
});
