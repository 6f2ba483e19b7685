import type { JsHandle } from '../src/memory.js';
import type { StepControls } from '@tempograd/core/backend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distance, numbers, poisoned, randomTensor, take, tensor, valuesOf, type JsTensor } from './helpers.js';

const js = poisoned();

function released(...xs: JsTensor[]): void {
  for (const x of xs) js.release(x.handle);
  expect(js.memory()).toMatchObject({ buffers: 0, bytes: 0 });
}

/** The slope of `f` along each element of `x`. */
function centralDifferences(x: Float64Array, f: (x: Float64Array) => number): Float64Array {
  const step = 1e-5;
  return x.map((value, i) => (f(x.with(i, value + step)) - f(x.with(i, value - step))) / (2 * step));
}

const dot = (xs: ArrayLike<number>, ys: ArrayLike<number>) => Array.from(xs).reduce((sum, x, i) => sum + x * ys[i]!, 0);

describe('linear', () => {
  const size = fc.integer({ min: 0, max: 7 });

  it('is x Wᵀ + b, and its gradients are the slopes, for any sizes', () => {
    fc.assert(
      fc.property(size, size, size, fc.boolean(), (rows, inputs, outputs, biased) => {
        const values = {
          x: numbers(rows * inputs, 1),
          weight: numbers(outputs * inputs, 2),
          bias: numbers(outputs, 3),
        };
        const naive = ({ x, weight, bias }: typeof values) =>
          Array.from({ length: rows * outputs }, (_, i) => {
            const [n, o] = [Math.floor(i / outputs), i % outputs];
            const row = x.subarray(n * inputs, (n + 1) * inputs);
            return dot(row, weight.subarray(o * inputs, (o + 1) * inputs)) + (biased ? bias[o]! : 0);
          });
        const x = tensor(js, values.x, [rows, inputs]);
        const weight = tensor(js, values.weight, [outputs, inputs]);
        const bias = tensor(js, values.bias, [outputs]);
        const y = take(js, js.linearForward!(x, weight, biased ? bias : null), [rows, outputs]);
        expect(distance(y, naive(values))).toBeLessThan(1e-14);

        const weights = numbers(rows * outputs, 4);
        const cotangent = tensor(js, weights, [rows, outputs]);
        const wants = { x: true, weight: true, bias: biased };
        const gradients = js.linearBackward!(x, weight, cotangent, wants);
        const slopes = (part: keyof typeof values) =>
          centralDifferences(values[part], (moved) => dot(naive({ ...values, [part]: moved }), weights));
        expect(distance(take(js, gradients.x!, x.shape), slopes('x'))).toBeLessThan(1e-8);
        expect(distance(take(js, gradients.weight!, weight.shape), slopes('weight'))).toBeLessThan(1e-8);
        if (biased) expect(distance(take(js, gradients.bias!, bias.shape), slopes('bias'))).toBeLessThan(1e-8);
        else expect(gradients.bias).toBeNull();
        released(x, weight, bias, cotangent);
      }),
    );
  });

  it('gives only the gradients that are wanted', () => {
    const x = randomTensor(js, [2, 3], 1);
    const weight = randomTensor(js, [4, 3], 2);
    const cotangent = randomTensor(js, [2, 4], 3);
    const none = { x: false, weight: false, bias: false };
    expect(js.linearBackward!(x, weight, cotangent, none)).toEqual({ x: null, weight: null, bias: null });
    released(x, weight, cotangent);
  });
});

describe('softmaxCrossEntropy', () => {
  const rows = 4;
  const classes = 5;
  const targets = [3, -1, 0, 4];

  it.each([0, 0.1, 1])('with label smoothing %s is its formula, and its gradient the slope', (smoothing) => {
    const logits = numbers(rows * classes, 1).map((x) => 3 * x);
    const naive = (x: Float64Array) =>
      targets.map((target, row) => {
        if (target < 0) return 0;
        const own = x.subarray(row * classes, (row + 1) * classes);
        const logSum = Math.log(own.reduce((sum, value) => sum + Math.exp(value), 0));
        const mean = own.reduce((sum, value) => sum + value, 0) / classes;
        return (1 - smoothing) * (logSum - own[target]!) + smoothing * (logSum - mean);
      });
    const x = tensor(js, logits, [rows, classes]);
    const y = tensor(js, targets, [rows], 'i32');
    const { loss, gradient } = js.softmaxCrossEntropy!(x, y, smoothing, true);
    expect(distance(take(js, loss, [rows]), naive(logits))).toBeLessThan(1e-14);
    const slopes = centralDifferences(logits, (moved) => naive(moved).reduce((a, b) => a + b, 0));
    expect(distance(take(js, gradient!, [rows, classes]), slopes)).toBeLessThan(1e-8);
    const alone = js.softmaxCrossEntropy!(x, y, smoothing, false);
    expect(alone.gradient).toBeNull();
    js.release(alone.loss);
    released(x, y);
  });

  it('holds at logits of ±1000 and at −∞ for an impossible class', () => {
    const x = tensor(js, [1000, -1000, 0, -Infinity, 0, 0], [2, 3]);
    const y = tensor(js, [1, 2], [2], 'i32');
    const { loss, gradient } = js.softmaxCrossEntropy!(x, y, 0, true);
    expect(distance(take(js, loss, [2]), [2000, Math.LN2])).toBeLessThan(1e-15);
    expect(take(js, gradient!, [2, 3])).toEqual([1, -1, 0, 0, 0.5, -0.5]);
    released(x, y);
  });

  it('gives NaN for a target beyond the last class, in its own row alone', () => {
    const x = tensor(js, [0, 0, 0, 0], [2, 2]);
    const y = tensor(js, [2, 0], [2], 'i32');
    const { loss, gradient } = js.softmaxCrossEntropy!(x, y, 0, true);
    expect(take(js, loss, [2])).toEqual([NaN, Math.LN2]);
    expect(take(js, gradient!, [2, 2])).toEqual([NaN, NaN, -0.5, 0.5]);
    released(x, y);
  });
});

describe('optimiser steps', () => {
  const n = 6;
  const start = numbers(n, 1);
  const gradients = [numbers(n, 2), numbers(n, 3), numbers(n, 4)];

  /** Runs three steps in place and gives the parameter after each. */
  function run(
    scale: number | null,
    slots: number,
    step: (parts: JsTensor[], controls: StepControls<JsHandle>) => void,
  ) {
    const parameter = tensor(js, start, [n]);
    const moments = Array.from({ length: slots }, () => tensor(js, new Float64Array(n), [n]));
    const factor = scale === null ? null : tensor(js, [scale], []);
    const path = gradients.map((values, index) => {
      const gradient = tensor(js, values, [n]);
      const before = js.memory();
      const controls = { learningRate: 0.1, step: index + 1, scale: factor ?? 1, guard: null };
      step([parameter, gradient, ...moments], controls);
      expect(js.memory()).toEqual(before);
      js.release(gradient.handle);
      return valuesOf(js, parameter);
    });
    released(parameter, ...moments, ...(factor === null ? [] : [factor]));
    return path;
  }

  /** The same from an update rule for one number. */
  function naive(scale: number | null, rule: (theta: number, g: number, state: number[], step: number) => number) {
    const states = Array.from({ length: n }, () => [0, 0]);
    let theta = Array.from(start);
    return gradients.map((values, index) => {
      theta = theta.map((x, i) => rule(x, (scale ?? 1) * values[i]!, states[i]!, index + 1));
      return theta;
    });
  }

  function expectSamePath(actual: number[][], expected: number[][]): void {
    for (const [step, values] of expected.entries()) expect(distance(actual[step]!, values)).toBeLessThan(1e-14);
  }

  it.each([
    [null, 0, false],
    [0.25, 0.1, false],
    [0.25, 0.1, true],
  ])('adamStep: scale %s, weight decay %s, decoupled %s', (scale, weightDecay, decoupled) => {
    const settings = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay, decoupled };
    const path = run(scale, 2, ([p, g, m, v], controls) =>
      js.adamSteps!(
        [{ parameter: p!, gradient: g!, moments: { moment1: m!, moment2: v!, maxMoment2: null }, settings }],
        controls,
      ),
    );
    const expected = naive(scale, (theta, gradient, state, step) => {
      const g = decoupled ? gradient : gradient + weightDecay * theta;
      state[0] = 0.9 * state[0]! + 0.1 * g;
      state[1] = 0.99 * state[1]! + 0.01 * g ** 2;
      const [m, v] = [state[0] / (1 - 0.9 ** step), state[1] / (1 - 0.99 ** step)];
      return theta - (decoupled ? 0.1 * weightDecay * theta : 0) - (0.1 * m) / (Math.sqrt(v) + 1e-8);
    });
    expectSamePath(path, expected);
  });

  it.each([
    [null, 0, false, 0],
    [0.25, 0.9, false, 0.1],
    [0.25, 0.9, true, 0.1],
  ])('sgdStep: scale %s, momentum %s, nesterov %s, weight decay %s', (scale, momentum, nesterov, weightDecay) => {
    const settings = { momentum, nesterov, weightDecay };
    const slots = momentum > 0 ? 1 : 0;
    const path = run(scale, slots, ([p, g, v], controls) =>
      js.sgdSteps!([{ parameter: p!, gradient: g!, moments: { velocity: v ?? null }, settings }], controls),
    );
    const expected = naive(scale, (theta, gradient, state, step) => {
      const g = gradient + weightDecay * theta;
      state[0] = step === 1 ? g : momentum * state[0]! + g;
      return theta - 0.1 * (nesterov ? g + momentum * state[0] : state[0]);
    });
    expectSamePath(path, expected);
  });

  it('sgdStep starts the velocity at the first gradient, whatever it held', () => {
    const [p, g] = [tensor(js, [1], [1]), tensor(js, [2], [1])];
    const v = tensor(js, [NaN], [1]);
    const controls = { learningRate: 0.5, step: 1, scale: 1, guard: null };
    js.sgdSteps!(
      [
        {
          parameter: p,
          gradient: g,
          moments: { velocity: v },
          settings: { momentum: 0.9, nesterov: false, weightDecay: 0 },
        },
      ],
      controls,
    );
    expect([...valuesOf(js, p), ...valuesOf(js, v)]).toEqual([0, 2]);
    released(p, g, v);
  });

  it.each([
    [null, 0, 0],
    [0.25, 0.9, 0.1],
  ])('rmspropStep: scale %s, momentum %s, weight decay %s', (scale, momentum, weightDecay) => {
    const settings = { alpha: 0.9, epsilon: 1e-8, momentum, weightDecay };
    const slots = momentum > 0 ? 2 : 1;
    const path = run(scale, slots, ([p, g, square, velocity = null], controls) =>
      js.rmspropSteps!(
        [{ parameter: p!, gradient: g!, moments: { square: square!, velocity, mean: null }, settings }],
        controls,
      ),
    );
    const expected = naive(scale, (theta, gradient, state) => {
      const g = gradient + weightDecay * theta;
      state[0] = 0.9 * state[0]! + 0.1 * g ** 2;
      state[1] = momentum * state[1]! + g / (Math.sqrt(state[0]) + 1e-8);
      return theta - 0.1 * state[1];
    });
    expectSamePath(path, expected);
  });
});

describe('globalNorm', () => {
  it('is the root of the sum of squares over all tensors', () => {
    const xs = [tensor(js, [3, 0], [2], 'f32'), tensor(js, [4], [], 'f32'), tensor(js, [], [0], 'f32'), tensor(js, [12], [1, 1], 'f32')]; // prettier-ignore
    expect(take(js, js.globalNorm!(xs), [], 'f32')).toEqual([13]);
    released(...xs);
  });

  it('holds where the squares are beyond f32', () => {
    const x = tensor(js, [3e30, 4e30], [2], 'f32');
    expect(take(js, js.globalNorm!([x]), [], 'f32')[0]! / 5e30).toBeCloseTo(1, 6);
    released(x);
  });

  it('loses nothing over many small elements beside a large one', () => {
    const many = { handle: js.fill([2 ** 20], 1, 'f32'), shape: [2 ** 20], dtype: 'f32' as const };
    const large = tensor(js, [4096], [1], 'f32');
    expect(take(js, js.globalNorm!([large, many]), [], 'f32')).toEqual([Math.fround(Math.sqrt(2 ** 24 + 2 ** 20))]);
    released(many, large);
  });
});
