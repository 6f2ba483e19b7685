import { createBackend } from '@tempograd/backend-js';
import { describe, expect, test } from 'vitest';
import {
  adamStep,
  ArgumentError,
  optimiserSteps,
  recordPaths,
  rmspropStep,
  scope,
  sgdStep,
  ShapeError,
  tensor,
  type StepsCall,
  type Tensor,
} from '../src/index.js';
import { leavesNothingOn } from './fixtures/leavesNothing.js';

const backend = createBackend();

leavesNothingOn(backend);

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

describe('steps of several parameters', () => {
  const controls = { learningRate: 0.5, step: 1 };
  const plain = { momentum: 0, nesterov: false, weightDecay: 0 };
  const adam = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0, decoupled: false };
  const valuesOf = (tensors: readonly Tensor[]): number[][] => tensors.map((x) => [...x.readSync()]);

  test('each has its own settings, and the same value as a step alone gives it', () =>
    scope(() => {
      const make = (): Tensor[] => [tensor([1, 2]), tensor([[3]]), tensor(4)];
      const settings = [adam, { ...adam, weightDecay: 0.5 }, { ...adam, decoupled: true, weightDecay: 0.1 }];
      const [parameters, alone, gradients] = [make(), make(), make()];
      const moments = { moment1: make(), moment2: make(), maxMoment2: make() };
      const same = { moment1: make(), moment2: make(), maxMoment2: make() };
      const { paths } = recordPaths(() =>
        optimiserSteps('adam', { parameters, gradients, moments, settings }, controls),
      );
      expect(paths.map(({ path }) => path)).toEqual(['fused', 'fused', 'fused']);
      alone.forEach((parameter, index) => {
        const own = {
          moment1: same.moment1[index] as Tensor,
          moment2: same.moment2[index] as Tensor,
          maxMoment2: same.maxMoment2[index] as Tensor,
        };
        adamStep(parameter, gradients[index] as Tensor, own, controls, settings[index] as typeof adam);
      });
      expect(valuesOf(parameters)).toEqual(valuesOf(alone));
      for (const name of ['moment1', 'moment2', 'maxMoment2'] as const)
        expect(valuesOf(moments[name]), name).toEqual(valuesOf(same[name]));
    }));

  test('none is no update', () => {
    const none = { parameters: [], gradients: [], moments: { velocity: null }, settings: [] };
    expect(optimiserSteps('sgd', none, controls)).toBeUndefined();
    expect(() => optimiserSteps('sgd', none, { ...controls, step: 0 })).toThrow('controls.step');
  });

  test.each<
    [string, (lists: { parameters: Tensor[]; gradients: Tensor[] }) => Given, new (message: string) => Error, string]
  >([
    [
      'a parameter twice',
      ({ parameters, gradients: [gradient] }) => ({
        parameters: [parameters[0], parameters[0]],
        gradients: [gradient, tensor([1, 1])],
      }),
      ArgumentError,
      'changed in place',
    ],
    [
      'a parameter among the gradients',
      ({ parameters }) => ({ gradients: parameters }),
      ArgumentError,
      'changed in place',
    ],
    [
      'too few gradients',
      ({ gradients }) => ({ gradients: gradients.slice(1) }),
      ArgumentError,
      'there are 2 parameters',
    ],
    ['too many settings', () => ({ settings: [plain, plain, plain] }), ArgumentError, 'there are 2 parameters'],
    [
      'settings of the second out of range',
      () => ({ settings: [plain, { ...plain, weightDecay: -1 }] }),
      ArgumentError,
      'settings.weightDecay',
    ],
    [
      'momentum of the second without a velocity',
      () => ({ settings: [plain, { ...plain, momentum: 0.9 }] }),
      ArgumentError,
      'moments.velocity',
    ],
    [
      'a hole',
      ({ gradients }) => ({ gradients: [gradients[0], undefined] }),
      ArgumentError,
      'the gradient must be a tensor',
    ],
    ['holes alone', () => ({ parameters: new Array(2) }), ArgumentError, 'the parameter must be a tensor'],
    ['numbers', () => ({ parameters: Float32Array.of(1, 2) }), ArgumentError, 'the parameter must be a tensor'],
    [
      'another shape',
      ({ gradients }) => ({ gradients: [...gradients].reverse() }),
      ShapeError,
      'a gradient of shape [1]',
    ],
    ['moments of another rule', () => ({ moments: { velocity: null, square: null } }), ArgumentError, 'moments.square'],
    [
      'a moment that is no list',
      () => ({ moments: { velocity: tensor(1) } }),
      ArgumentError,
      'moments.velocity must be',
    ],
    ['no moments', () => ({ moments: null }), ArgumentError, 'moments must be'],
    ['no list', () => ({ gradients: null }), ArgumentError, 'gradients must be'],
  ])('%s: refused before the first is taken', (_, change, error, message) =>
    scope(() => {
      const lists = {
        parameters: [tensor([1, 2]), tensor([3])],
        gradients: [tensor([1, 1]), tensor([1])],
        moments: { velocity: null },
        settings: [plain, plain],
      };
      const given = { ...lists, ...change(lists) } as unknown as StepsCall<'sgd'>;
      const attempt = (): void => optimiserSteps('sgd', given, controls, 'mine');
      expect(attempt).toThrow(error);
      expect(attempt).toThrow(/^mine: /);
      expect(attempt).toThrow(message);
      expect(valuesOf(lists.parameters)).toEqual([[1, 2], [3]]);
    }),
  );

  test('a moment of the second that is missing does not make it another rule', () =>
    scope(() => {
      const make = (): Tensor[] => [tensor([1]), tensor([2])];
      const maxMoment2 = [tensor([0]), null] as unknown as Tensor[];
      const given = {
        parameters: make(),
        gradients: make(),
        moments: { moment1: make(), moment2: make(), maxMoment2 },
        settings: [adam, adam],
      };
      expect(() => optimiserSteps('adam', given, controls)).toThrow('a moment must be a tensor, but is null');
      expect(valuesOf(given.parameters)).toEqual([[1], [2]]);
    }));

  test('a scalar of the update that is a parameter', () =>
    scope(() => {
      const scale = tensor(2);
      const given = { parameters: [scale], gradients: [tensor(1)], moments: { velocity: null }, settings: [plain] };
      expect(() => optimiserSteps('sgd', given, { ...controls, scale })).toThrow('changed in place');
      expect(() =>
        optimiserSteps(
          'sgd',
          { ...given, parameters: [tensor([1])], gradients: [tensor([1])] },
          { ...controls, guard: tensor([1]) },
        ),
      ).toThrow(ShapeError);
      expect(scale.readSync()[0]).toBe(2);
    }));
});
