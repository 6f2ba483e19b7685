import type { Backend, Operand } from '@tempograd/core/backend';
import { test } from 'vitest';
import { expectAgreement, floats, type Input } from '../support/oracle.js';
import { describeVariants } from '../support/variants.js';

const shape = [13, 7];
const scale: Input = { shape: [], dtype: 'f32', values: [0.25] };
const positive = { ...floats(shape, 4), values: Array.from(floats(shape, 4).values, (x) => x * x) };
const inputs = [floats(shape, 1), floats(shape, 2), floats(shape, 3), positive, scale];

/** The tensors a step overwrote, as new handles. */
function copies(b: Backend, ...xs: Operand[]): Operand[] {
  return xs.map((x) => ({ ...x, handle: b.reshape(x, x.shape) }));
}

describeVariants('optimiser steps', (backend) => {
  const base = { learningRate: 0.01, epsilon: 1e-8 };

  test.each([
    [true, 0.01, 1],
    [false, 0.01, 3],
    [true, 0, 1000],
  ])('Adam, decoupled %s, decay %f, step %i', (decoupled, weightDecay, step) => {
    const settings = { ...base, beta1: 0.9, beta2: 0.999, weightDecay, decoupled, step };
    for (const scaled of [true, false]) {
      expectAgreement(backend(), inputs, (b, p, g, m, v, s) => {
        b.adamStep!(p, g, m, v, scaled ? s : null, settings);
        return copies(b, p, m, v);
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
    const settings = { learningRate: 0.1, momentum, nesterov, weightDecay: 0.05, step };
    expectAgreement(backend(), inputs, (b, p, g, v, _, s) => {
      b.sgdStep!(p, g, momentum === 0 ? null : v, s, settings);
      return copies(b, p, ...(momentum === 0 ? [] : [v]));
    });
  });

  test.each([0, 0.9])('RMSprop, momentum %f', (momentum) => {
    const settings = { ...base, alpha: 0.99, momentum, weightDecay: 0.02 };
    expectAgreement(
      backend(),
      inputs,
      (b, p, g, v, square, s) => {
        b.rmspropStep!(p, g, square, momentum === 0 ? null : v, s, settings);
        return copies(b, p, square, ...(momentum === 0 ? [] : [v]));
      },
      2e-6,
    );
  });

  test('a step on a view leaves its source and other views as they were', () => {
    const settings = { learningRate: 0.1, momentum: 0, nesterov: false, weightDecay: 0, step: 1 };
    expectAgreement(backend(), [floats([5, 3], 1), floats([1, 3], 2)], (b, p, g) => {
      const row = { ...p, shape: [1, 3], handle: b.slice(p, [2, 0], [1, 3]) };
      const other = { ...row, handle: b.reshape(row, [1, 3]) };
      b.sgdStep!(row, g, null, null, settings);
      return [row, other, ...copies(b, p)];
    });
  });
});
