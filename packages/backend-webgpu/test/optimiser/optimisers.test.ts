import { createBackend as createOracle } from '@tempograd/backend-js';
import type { Backend, Operand, StepControls } from '@tempograd/core/backend';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineOf } from '../../src/engine/engineOf.js';
import { createBackend } from '../../src/index.js';

let gpu: Backend;
let oracle: Backend;

beforeAll(async () => {
  gpu = await createBackend({ poison: true });
  oracle = createOracle();
});

afterAll(() => {
  expect(gpu.memory().buffers).toBe(0);
  gpu.dispose?.();
});

/** Numbers in (−1, 1) that look random and are the same on every machine, or positive ones. */
function numbers(count: number, seed: number, positive = false): number[] {
  let state = seed * 7919 + 17;
  return Array.from({ length: count }, () => {
    state = (state * 69069 + 1) % 2 ** 31;
    const x = state / 2 ** 30 - 1;
    return Math.fround(positive ? Math.abs(x) + 0.01 : x);
  });
}

/** A tensor; what is compared with is computed in f64. */
function tensor(b: Backend, values: readonly number[], shape: readonly number[]): Operand {
  const dtype = b === oracle ? 'f64' : 'f32';
  const data = dtype === 'f64' ? Float64Array.from(values) : Float32Array.from(values);
  return { handle: b.write(data, shape, dtype), shape, dtype };
}

const scalar = (b: Backend, value: number): Operand => tensor(b, [value], []);

/** Runs the same on both backends, on tensors of these values, and compares what they hold afterwards. */
async function agree(
  starts: readonly (readonly number[])[],
  shape: readonly number[],
  run: (b: Backend, xs: readonly Operand[], scalar: (value: number) => Operand) => void,
  tolerance = 2e-6,
): Promise<void> {
  const [actual, expected] = await Promise.all(
    [gpu, oracle].map(async (b) => {
      const xs = starts.map((values) => tensor(b, values, shape));
      const scalars: Operand[] = [];
      run(b, xs, (value) => {
        const x = scalar(b, value);
        scalars.push(x);
        return x;
      });
      const results = await Promise.all(xs.map((x) => b.read(x)));
      for (const { handle } of [...xs, ...scalars]) b.release(handle);
      return results;
    }),
  );
  expected!.forEach((values, which) => {
    let worst = 0;
    values.forEach((x, i) => {
      const off = Math.abs((actual![which]![i] as number) - x) / Math.max(1, Math.abs(x));
      worst = Math.max(worst, Number.isNaN(off) ? Infinity : off);
    });
    expect(worst, `tensor ${which}`).toBeLessThan(tolerance);
  });
}

const adamSettings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, decoupled: true };
const shapes = [[1], [255], [3, 341], [1025], [71, 1031]];
const starts = (size: number): number[][] => [
  numbers(size, 1),
  numbers(size, 2),
  numbers(size, 3),
  numbers(size, 4, true),
  numbers(size, 5, true),
];

describe.each([true, false])('controls on the device: %s', (onDevice) => {
  const controlsOf = (step: number, on: (value: number) => Operand): StepControls => ({
    learningRate: onDevice ? on(0.01) : 0.01,
    step: onDevice ? on(step) : step,
    scale: onDevice ? on(0.25) : 0.25,
    guard: onDevice ? on(3) : null,
  });

  test.each(shapes.map((shape) => ({ shape })))('Adam, of $shape', async ({ shape }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    for (const amsgrad of [true, false]) {
      for (const decoupled of [true, false]) {
        await agree(starts(size).slice(0, amsgrad ? 5 : 4), shape, (b, [p, g, m, v, u], on) => {
          const moments = { moment1: m!, moment2: v!, maxMoment2: u ?? null };
          b.adamSteps!(
            [{ parameter: p!, gradient: g!, moments, settings: { ...adamSettings, decoupled } }],
            controlsOf(3, on),
          );
        });
      }
    }
  });

  test.each([
    [0.9, 0.999, 1],
    [0.9, 0.999, 1000],
    [0.9, 0.999, 1_000_000],
    [0, 0, 1],
    [0, 0, 1_000_000],
    [0.999999, 0.9999999, 1],
    [0.999999, 0.9999999, 1_000_000],
    [0.5, 0.25, 2],
  ])('bias correction of β %d and %d at step %i', async (beta1, beta2, step) => {
    const gradient = numbers(7, 2);
    // What moments are at about that step, so that errors of the correction are seen.
    const moments = [
      gradient.map((x) => 0.5 * x * (1 - beta1 ** step)),
      gradient.map((x) => 0.7 * x * x * (1 - beta2 ** step)),
    ];
    await agree([numbers(7, 1), gradient, ...moments], [7], (b, [p, g, m, v], on) => {
      const settings = { ...adamSettings, beta1, beta2 };
      const controls = { ...controlsOf(step, on), learningRate: 1 };
      b.adamSteps!(
        [{ parameter: p!, gradient: g!, moments: { moment1: m!, moment2: v!, maxMoment2: null }, settings }],
        controls,
      );
    });
  });

  test.each([
    [0, false, 1],
    [0.9, false, 1],
    [0.9, true, 1],
    [0.9, false, 2],
    [0.9, true, 7],
  ])('SGD, momentum %d, Nesterov %s, step %i', async (momentum, nesterov, step) => {
    await agree(starts(1025).slice(0, momentum === 0 ? 2 : 3), [1025], (b, [p, g, v], on) => {
      const settings = { momentum, nesterov, weightDecay: 0.05 };
      b.sgdSteps!([{ parameter: p!, gradient: g!, moments: { velocity: v ?? null }, settings }], controlsOf(step, on));
    });
  });

  test.each([
    [0, false],
    [0.9, false],
    [0, true],
    [0.9, true],
  ])('RMSprop, momentum %d, centred %s', async (momentum, centred) => {
    const [first, second, third, fourth, fifth] = starts(1025) as [number[], number[], number[], number[], number[]];
    const states = [fourth, ...(momentum === 0 ? [] : [third]), ...(centred ? [fifth.map((x) => 0.1 * x)] : [])];
    const run = (b: Backend, [p, g, square, ...rest]: readonly Operand[], on: (value: number) => Operand): void => {
      const velocity = momentum === 0 ? null : rest[0]!;
      const settings = { alpha: 0.99, epsilon: 1e-2, momentum, weightDecay: 0.02 };
      const moments = { square: square!, velocity, mean: centred ? rest.at(-1)! : null };
      b.rmspropSteps!([{ parameter: p!, gradient: g!, moments, settings }], controlsOf(1, on));
    };
    await agree([first, second, ...states], [1025], run, 1e-5);
  });
});

const plain = { momentum: 0, nesterov: false, weightDecay: 0 };
const once = { learningRate: 0.5, step: 1, scale: 1, guard: null };

/** So many tensors of the same values. */
function tensors<N extends number>(n: N, make: (index: number) => Operand): Operand[] & { length: N } {
  return Array.from({ length: n }, (_, index) => make(index)) as Operand[] & { length: N };
}

function releaseAll(xs: readonly Operand[]): void {
  for (const { handle } of xs) gpu.release(handle);
}

const readAll = async (xs: readonly Operand[]): Promise<number[][]> =>
  Promise.all(xs.map(async (x) => [...(await gpu.read(x))]));

test('a first step with momentum takes nothing of a velocity that was NaN', async () => {
  const xs = [tensor(gpu, [1, 2], [2]), tensor(gpu, [4, 8], [2]), tensor(gpu, [NaN, NaN], [2])] as const;
  const [p, g, v] = xs;
  gpu.sgdSteps!([{ parameter: p, gradient: g, moments: { velocity: v }, settings: { ...plain, momentum: 0.9 } }], once);
  expect(await readAll([p, v])).toEqual([
    [-1, -2],
    [4, 8],
  ]);
  releaseAll(xs);
});

test('NaN in a gradient reaches moments and parameter, the largest second moment and a centred variance too', async () => {
  const xs = tensors(5, (index) => tensor(gpu, index === 1 ? [NaN, NaN] : [1, 1], [2]));
  const [p, g, m, v, u] = xs as unknown as readonly [Operand, Operand, Operand, Operand, Operand];
  gpu.adamSteps!(
    [{ parameter: p, gradient: g, moments: { moment1: m, moment2: v, maxMoment2: u }, settings: adamSettings }],
    once,
  );
  expect(await readAll([p, m, v, u])).toEqual(Array(4).fill([NaN, NaN]));
  releaseAll(xs);
  const ys = tensors(4, (index) => tensor(gpu, index === 1 ? [NaN, NaN] : [1, 1], [2]));
  const [r, h, q, a] = ys as unknown as readonly [Operand, Operand, Operand, Operand];
  const settings = { alpha: 0.9, epsilon: 1e-3, momentum: 0, weightDecay: 0 };
  gpu.rmspropSteps!([{ parameter: r, gradient: h, moments: { square: q, velocity: null, mean: a }, settings }], once);
  expect(await readAll([r, q, a])).toEqual(Array(3).fill([NaN, NaN]));
  releaseAll(ys);
});

test.each([NaN, Infinity, -Infinity])('a guard of %d keeps every bit, of NaN with a payload too', async (value) => {
  const bits = new Uint32Array([0x7fc01234, 0xff800000, 1, 0x80000000]);
  const make = (): Operand => ({
    handle: gpu.write(new Float32Array(bits.buffer.slice(0)), [4], 'f32'),
    shape: [4],
    dtype: 'f32',
  });
  const xs = tensors(5, make);
  const [p, g, m, v, u] = xs as unknown as readonly [Operand, Operand, Operand, Operand, Operand];
  const guard = scalar(gpu, value);
  const controls = { ...once, guard };
  gpu.adamSteps!(
    [{ parameter: p, gradient: g, moments: { moment1: m, moment2: v, maxMoment2: u }, settings: adamSettings }],
    controls,
  );
  gpu.sgdSteps!(
    [{ parameter: p, gradient: g, moments: { velocity: m }, settings: { ...plain, momentum: 0.9 } }],
    controls,
  );
  const settings = { alpha: 0.9, epsilon: 0, momentum: 0.9, weightDecay: 0 };
  gpu.rmspropSteps!([{ parameter: p, gradient: g, moments: { square: m, velocity: v, mean: u }, settings }], controls);
  for (const x of [p, m, v, u]) {
    const read = await gpu.read(x);
    expect([...new Uint32Array(read.buffer)]).toEqual([...bits]);
  }
  releaseAll([...xs, guard]);
});

test('a step is one dispatch, its controls numbers or on the device', () => {
  const { counts } = engineOf(gpu).commands;
  const xs = tensors(5, (index) => tensor(gpu, numbers(600, index, true), [600]));
  const [p, g, m, v, u] = xs as unknown as readonly [Operand, Operand, Operand, Operand, Operand];
  const scalars = tensors(3, () => scalar(gpu, 1));
  const [scale, guard, step] = scalars as unknown as readonly [Operand, Operand, Operand];
  for (const controls of [once, { ...once, scale, guard, step }]) {
    const before = counts.dispatches;
    gpu.adamSteps!(
      [{ parameter: p, gradient: g, moments: { moment1: m, moment2: v, maxMoment2: u }, settings: adamSettings }],
      controls,
    );
    expect(counts.dispatches).toBe(before + 1);
  }
  releaseAll([...xs, ...scalars]);
});

describe('what shares a buffer with what is overwritten', () => {
  test('views keep their values, of the parameter and of moments, and offsets are kept', async () => {
    const whole = tensor(gpu, [1, 2, 3, 4, 5, 6, 7, 8, 9], [9]);
    const slice = (from: number): Operand => ({
      handle: engineOf(gpu).heap.view(whole.handle as never, from),
      shape: [3],
      dtype: 'f32',
    });
    const [p, v, g] = [slice(0), slice(3), slice(6)] as const;
    gpu.sgdSteps!([{ parameter: p, gradient: g, moments: { velocity: v }, settings: { ...plain, momentum: 1 } }], {
      ...once,
      step: 2,
    });
    expect(await readAll([v, p, whole])).toEqual([
      [11, 13, 15],
      [1 - 5.5, 2 - 6.5, 3 - 7.5],
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
    ]);
    // The last one on that storage is overwritten where it lies.
    gpu.release(whole.handle);
    const zero = tensor(gpu, [0, 0, 0], [3]);
    gpu.sgdSteps!(
      [{ parameter: g, gradient: zero, moments: { velocity: null }, settings: { ...plain, weightDecay: 1 } }],
      once,
    );
    expect(await readAll([g])).toEqual([[3.5, 4, 4.5]]);
    releaseAll([p, v, g, zero]);
  });

  test('a scalar parameter may be its own learning rate, step, scale and guard', async () => {
    for (const value of [3, NaN]) {
      const [p, g] = [scalar(gpu, value), scalar(gpu, 2)];
      gpu.sgdSteps!([{ parameter: p, gradient: g, moments: { velocity: null }, settings: plain }], {
        learningRate: p,
        step: p,
        scale: p,
        guard: p,
      });
      expect(await readAll([p])).toEqual([[Number.isNaN(value) ? NaN : 3 - 3 * 3 * 2]]);
      releaseAll([p, g]);
    }
  });

  test('a gradient may be the parameter itself, as misuse has it', async () => {
    const p = tensor(gpu, numbers(3000, 1), [3000]);
    gpu.sgdSteps!([{ parameter: p, gradient: p, moments: { velocity: null }, settings: plain }], once);
    expect(await readAll([p])).toEqual([numbers(3000, 1).map((x) => x * 0.5)]);
    releaseAll([p]);
  });
});

test('nothing is enqueued for no elements', () => {
  const { counts } = engineOf(gpu).commands;
  const [p, g] = [tensor(gpu, [], [0, 3]), tensor(gpu, [], [0, 3])];
  const before = counts.dispatches;
  gpu.sgdSteps!([{ parameter: p, gradient: g, moments: { velocity: null }, settings: plain }], once);
  expect(counts.dispatches).toBe(before);
  releaseAll([p, g]);
});
