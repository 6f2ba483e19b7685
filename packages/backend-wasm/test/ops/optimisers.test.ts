import type { Backend, Operand } from '@tempograd/core/backend';
import { expect, test } from 'vitest';
import type { WasmHandle } from '@tempograd/backend-wasm';
import { expectAgreement, floats, type Input } from '../support/oracle.js';
import { describeVariants } from '../support/variants.js';

const shape = [13, 7];
const quarter: Input = { shape: [], dtype: 'f32', values: [0.25] };
const positive = { ...floats(shape, 4), values: Array.from(floats(shape, 4).values, (x) => x * x) };
const inputs = [floats(shape, 1), floats(shape, 2), floats(shape, 3), positive, quarter];

/** The tensors a step overwrote, as new handles. */
function copies(b: Backend, ...xs: Operand[]): Operand[] {
  return xs.map((x) => ({ ...x, handle: b.reshape(x, x.shape) }));
}

describeVariants('optimiser steps', (backend) => {
  test.each([
    [true, 0.01, 1, false],
    [false, 0.01, 3, false],
    [true, 0, 1000, false],
    [false, 0.01, 3, true],
  ])('Adam, decoupled %s, decay %f, step %i, AMSGrad %s', (decoupled, weightDecay, step, amsgrad) => {
    const settings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay, decoupled };
    for (const scaled of [true, false]) {
      expectAgreement(backend(), inputs, (b, p, g, m, v, s) => {
        const u = amsgrad ? { ...v, handle: b.binary('mul', v, 1.01) } : null;
        const controls = { learningRate: 0.01, step, scale: scaled ? s : 1, guard: s };
        b.adamSteps!(
          [{ parameter: p, gradient: g, moments: { moment1: m, moment2: v, maxMoment2: u }, settings }],
          controls,
        );
        return [...copies(b, p, m, v), ...(u === null ? [] : [u])];
      });
    }
  });

  test.each([
    [0, false, 1],
    [0.9, false, 1],
    [0.9, true, 1],
    [0.9, false, 2],
    [0.9, true, 2],
  ])('SGD, momentum %f, Nesterov %s, step %i', (momentum, nesterov, step) => {
    const settings = { momentum, nesterov, weightDecay: 0.05 };
    expectAgreement(backend(), inputs, (b, p, g, v, _, scale) => {
      const velocity = momentum === 0 ? null : v;
      b.sgdSteps!([{ parameter: p, gradient: g, moments: { velocity }, settings }], {
        learningRate: 0.1,
        step,
        scale,
        guard: null,
      });
      return copies(b, p, ...(momentum === 0 ? [] : [v]));
    });
  });

  test.each([
    [0, false],
    [0.9, false],
    [0, true],
    [0.9, true],
  ])('RMSprop, momentum %f, centred %s', (momentum, centred) => {
    const settings = { alpha: 0.99, epsilon: 1e-2, momentum, weightDecay: 0.02 };
    expectAgreement(
      backend(),
      inputs,
      (b, p, g, v, square, scale) => {
        const mean = centred ? { ...v, handle: b.binary('mul', v, 0.01) } : null;
        const moments = { square, velocity: momentum === 0 ? null : v, mean };
        b.rmspropSteps!([{ parameter: p, gradient: g, moments, settings }], {
          learningRate: 0.01,
          step: 1,
          scale,
          guard: null,
        });
        return [...copies(b, p, square, ...(momentum === 0 ? [] : [v])), ...(mean === null ? [] : [mean])];
      },
      2e-6,
    );
  });

  test('every 16 steps, averages too small to be normal are 0', () => {
    const b = backend();
    // Lanes beyond whole vectors and parts too; what is not finite, and what is small but normal, stay.
    const average = [1e-39, -1e-42, 0, 1.2e-38, NaN, Infinity, -2, ...Array.from({ length: 36 }, () => 1e-40)];
    const kept = [0, 0, 0, 1.2e-38, NaN, Infinity, -2, ...Array.from({ length: 36 }, () => 0)];
    const size = [average.length];
    const make = (values: readonly number[]): Operand<WasmHandle> => ({
      handle: b.write(Float32Array.from(values), size, 'f32'),
      shape: size,
      dtype: 'f32',
    });
    const zeros = average.map(() => 0);
    const averagesAfter = (step: number): number[][] => {
      const controls = { learningRate: 0.1, step, scale: 1, guard: null };
      const made: Operand<WasmHandle>[] = [];
      const tensor = (values: readonly number[]): Operand<WasmHandle> => {
        const x = make(values);
        made.push(x);
        return x;
      };
      // Averages whose gradient is 0, with factors of 1, stay as they are but for this.
      const pair = [tensor(average), tensor(average)] as const;
      const others = [tensor(average), tensor(average), tensor(average)] as const;
      const adam = { beta1: 1, beta2: 1, epsilon: 1e-8, weightDecay: 0, decoupled: false };
      b.adamSteps!(
        [
          {
            parameter: tensor(zeros),
            gradient: tensor(zeros),
            moments: { moment1: pair[0], moment2: pair[1], maxMoment2: null },
            settings: adam,
          },
        ],
        controls,
      );
      const sgd = { momentum: 1, nesterov: false, weightDecay: 0 };
      b.sgdSteps!(
        [{ parameter: tensor(zeros), gradient: tensor(zeros), moments: { velocity: others[0] }, settings: sgd }],
        controls,
      );
      const rmsprop = { alpha: 1, epsilon: 1e-8, momentum: 0, weightDecay: 0 };
      const averages = { square: others[1], velocity: null, mean: others[2] };
      b.rmspropSteps!(
        [{ parameter: tensor(zeros), gradient: tensor(zeros), moments: averages, settings: rmsprop }],
        controls,
      );
      const values = [...pair, ...others].map((x) => [...b.readSync!(x)]);
      for (const { handle } of made) b.release(handle);
      return values;
    };
    for (const step of [2, 15, 17]) {
      for (const values of averagesAfter(step)) expect(values, `step ${step}`).toEqual([...Float32Array.from(average)]);
    }
    for (const step of [16, 32]) {
      for (const values of averagesAfter(step)) expect(values, `step ${step}`).toEqual([...Float32Array.from(kept)]);
    }
  });

  test('a step on a view leaves its source and other views as they were', () => {
    const settings = { momentum: 0, nesterov: false, weightDecay: 0 };
    expectAgreement(backend(), [floats([5, 3], 1), floats([1, 3], 2)], (b, p, g) => {
      const row = { ...p, shape: [1, 3], handle: b.slice(p, [2, 0], [1, 3]) };
      const other = { ...row, handle: b.reshape(row, [1, 3]) };
      b.sgdSteps!([{ parameter: row, gradient: g, moments: { velocity: null }, settings }], {
        learningRate: 0.1,
        step: 1,
        scale: 1,
        guard: null,
      });
      return [row, other, ...copies(b, p)];
    });
  });
});
