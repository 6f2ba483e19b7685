import { createBackend } from '@tempograd/backend-js';
import { beforeEach, describe, expect, test } from 'vitest';
import { adamStep, ArgumentError, rmspropStep, scope, sgdStep, tensor, useBackend, type Tensor } from '../src/index.js';

const backend = createBackend();

beforeEach(() => {
  useBackend(backend);
  const before = backend.memory().buffers;
  return () => expect(backend.memory().buffers, 'live buffers').toBe(before);
});

type Given = Readonly<Record<string, unknown>>;

/** One step of each rule, as plain JavaScript may call it. */
const rules: Readonly<
  Record<string, (parameter: Tensor, given: { moments?: Given; controls?: Given; settings?: Given }) => void>
> = {
  sgdStep: (parameter, { moments, controls, settings }) =>
    sgdStep(
      parameter,
      tensor([1, 1]),
      { velocity: null, ...moments },
      { learningRate: 0.1, step: 1, ...controls },
      { momentum: 0, nesterov: false, weightDecay: 0, ...settings },
    ),
  adamStep: (parameter, { moments, controls, settings }) =>
    adamStep(
      parameter,
      tensor([1, 1]),
      { moment1: tensor([0, 0]), moment2: tensor([0, 0]), maxMoment2: null, ...moments },
      { learningRate: 0.1, step: 1, ...controls },
      { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0, decoupled: false, ...settings },
    ),
  rmspropStep: (parameter, { moments, controls, settings }) =>
    rmspropStep(
      parameter,
      tensor([1, 1]),
      { square: tensor([0, 0]), velocity: null, mean: null, ...moments },
      { learningRate: 0.1, step: 1, ...controls },
      { alpha: 0.9, epsilon: 1e-8, momentum: 0, weightDecay: 0, ...settings },
    ),
};

/** The call is refused, and the parameter is as it was. */
function expectRefused(rule: string, given: Parameters<(typeof rules)[string]>[1], message: string): void {
  scope(() => {
    const parameter = tensor([1, 2]);
    expect(() => rules[rule]?.(parameter, given), rule).toThrow(ArgumentError);
    expect(() => rules[rule]?.(parameter, given), rule).toThrow(message);
    expect([...parameter.readSync()]).toEqual([1, 2]);
  });
}

describe('a step is refused', () => {
  test.each(Object.keys(rules))('%s: numbers that are out of range', (rule) => {
    for (const learningRate of [NaN, Infinity])
      expectRefused(rule, { controls: { learningRate } }, 'controls.learningRate');
    for (const step of [0, -1, 1.5, NaN]) expectRefused(rule, { controls: { step } }, 'controls.step');
    expectRefused(rule, { controls: { scale: NaN } }, 'controls.scale');
    for (const weightDecay of [-1, NaN]) expectRefused(rule, { settings: { weightDecay } }, 'settings.weightDecay');
  });

  test('fractions that are none', () => {
    for (const value of [1, -0.1, NaN]) {
      expectRefused('adamStep', { settings: { beta1: value } }, 'settings.beta1');
      expectRefused('adamStep', { settings: { beta2: value } }, 'settings.beta2');
      expectRefused('rmspropStep', { settings: { alpha: value } }, 'settings.alpha');
      expectRefused('sgdStep', { settings: { momentum: value } }, 'settings.momentum');
    }
    for (const rule of ['adamStep', 'rmspropStep'])
      expectRefused(rule, { settings: { epsilon: -1 } }, 'settings.epsilon');
  });

  test.each(['sgdStep', 'rmspropStep'])('%s: momentum without a velocity, and a velocity without momentum', (rule) => {
    expectRefused(rule, { settings: { momentum: 0.9 } }, 'moments.velocity');
    scope(() => expectRefused(rule, { moments: { velocity: tensor([0, 0]) } }, 'moments.velocity'));
  });
});
