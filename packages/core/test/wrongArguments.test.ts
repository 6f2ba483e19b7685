import { createBackend } from '@tempograd/backend-js';
import { describe, expect, test } from 'vitest';
import * as core from '../src/index.js';
import { ArgumentError, BackendError, DTypeError, full, key, scope, ShapeError, tensor } from '../src/index.js';
import type { Backend } from '../src/backend/index.js';
import { leavesNothingOn } from './fixtures/leavesNothing.js';

const backend = createBackend();

leavesNothingOn(backend);

/** Core's functions as plain JavaScript sees them. */
const untyped = core as unknown as Record<string, (...args: unknown[]) => unknown>;

/** A call of each function that takes tensors, with the places of its tensors. */
const calls: readonly [name: string, args: () => unknown[], places: readonly number[]][] = [
  ...[
    'neg',
    'abs',
    'sign',
    'relu',
    'exp',
    'tanh',
    'floor',
    'sum',
    'max',
    'mean',
    'flip',
    'transpose',
    'softmax',
    'logSoftmax',
    'logSumExp',
    'argmax',
    'argmin',
    'sort',
    'argsort',
    'min',
    'prod',
    'any',
    'all',
    'variance',
    'std',
    'norm',
    'isNaN',
    'isFinite',
    'softplus',
    'logSigmoid',
    'silu',
    'gelu',
    'leakyRelu',
    'elu',
    'ceil',
    'round',
    'squeeze',
    'unstack',
    'tril',
    'triu',
  ].map((name): [string, () => unknown[], readonly number[]] => [name, () => [full([2, 2], 1)], [0]]),
  ['cumsum', () => [full([2], 1), { axis: 0 }], [0]],
  ['topK', () => [full([2], 1), 1], [0]],
  ['clamp', () => [full([2], 1), 0, 1], [0]],
  ['unsqueeze', () => [full([2], 1), 0], [0]],
  ['swapAxes', () => [full([2, 2], 1), 0, 1], [0]],
  ['splitAxis', () => [full([2], 1), 1], [0]],
  ['chunk', () => [full([2], 1), 1], [0]],
  ['tile', () => [full([2], 1), [2]], [0]],
  ['repeatEach', () => [full([2], 1), 2], [0]],
  ['roll', () => [full([2], 1), 1], [0]],
  ['pad', () => [full([2], 1), [[1, 1]]], [0]],
  ['dot', () => [full([2], 1), full([2], 1)], [0, 1]],
  ['outer', () => [full([2], 1), full([2], 1)], [0, 1]],
  ['logicalNot', () => [full([2], 1, { dtype: 'i32' })], [0]],
  ['logicalAnd', () => [full([2], 1, { dtype: 'i32' }), full([2], 1, { dtype: 'i32' })], [0, 1]],
  ['logicalOr', () => [full([2], 1, { dtype: 'i32' }), full([2], 1, { dtype: 'i32' })], [0, 1]],
  ['oneHot', () => [full([2], 1, { dtype: 'i32' }), 2], [0]],
  ['takeAlong', () => [full([2], 1), full([2], 1, { dtype: 'i32' }), 0], [0, 1]],
  ['zerosLike', () => [full([2], 1)], [0]],
  ['onesLike', () => [full([2], 1)], [0]],
  ['cast', () => [full([2], 1), 'i32'], [0]],
  ['reshape', () => [full([2], 1), [1, 2]], [0]],
  ['broadcastTo', () => [full([2], 1), [2, 2]], [0]],
  ['slice', () => [full([2], 1), [0], [1]], [0]],
  ['sliceAxis', () => [full([2], 1), 0, 1], [0]],
  ['row', () => [full([2, 2], 1), 0], [0]],
  ['matmul', () => [full([2, 2], 1), full([2, 2], 1)], [0, 1]],
  ['select', () => [full([2], 1, { dtype: 'i32' }), full([2], 1), 0], [0]],
  ['gather', () => [full([2], 1), full([1], 0, { dtype: 'i32' })], [0, 1]],
  ['scatterAdd', () => [full([1], 0, { dtype: 'i32' }), full([1], 1), 2], [0, 1]],
  ['assign', () => [full([2], 1), full([2], 2)], [0, 1]],
  ['linear', () => [full([2, 2], 1), full([2, 2], 1), full([2], 1)], [0, 1]],
  ['layerNorm', () => [full([2, 2], 1), full([2], 1), full([2], 1)], [0, 1, 2]],
  ['softmaxCrossEntropy', () => [full([2, 2], 1), full([2], 0, { dtype: 'i32' })], [0, 1]],
  ['summedSoftmaxCrossEntropy', () => [full([2, 2], 1), full([2], 0, { dtype: 'i32' })], [0, 1]],
  ['linearScan', () => [full([2, 2], 1), full([2, 2], 1), full([2], 1)], [0, 1, 2]],
];

describe('what is no tensor is refused by name', () => {
  const others: readonly unknown[] = [undefined, null, 3, '3', [1, 2], {}];
  test.each(calls)('%s', (name, args, places) => {
    scope(() => void untyped[name]?.(...args()));
    for (const place of places) {
      for (const other of others) {
        const given = (): unknown =>
          scope(() => void untyped[name]?.(...args().map((arg, index) => (index === place ? other : arg))));
        expect(given, `${name}, argument ${place}: ${String(other)}`).toThrow(ArgumentError);
        expect(given).toThrow(`${name}: `);
      }
    }
  });

  test.each(['concat', 'stack'])('%s, wherever it stands in the list', (name) => {
    for (const list of [[3], [full([1], 1), 3], [undefined], 3, undefined, full([2], 1)]) {
      expect(() => untyped[name]?.(list), String(list)).toThrow(ArgumentError);
      core.disposeTree(
        Array.isArray(list) ? list.filter((x) => x instanceof core.Tensor) : list instanceof core.Tensor ? list : null,
      );
    }
  });
});

describe('dtypes', () => {
  test.each(['float32', 'bool', undefined, null, 3])('cast to %s, which there is not', (dtype) => {
    using x = tensor([1, 2]);
    expect(() => untyped.cast?.(x, dtype)).toThrow(DTypeError);
    expect(() => untyped.cast?.(x, dtype)).toThrow('known are f32, f64, i32');
  });

  test('that the backend does not store are refused wherever a tensor is made', () => {
    const single: Backend = { ...createBackend(), name: 'single', capabilities: { dtypes: ['f32', 'i32'] } };
    const f64 = { dtype: 'f64', backend: single } as const;
    using x = tensor([1], { backend: single });
    for (const make of [
      () => tensor([1], f64),
      () => core.fromArray([1], [1], f64),
      () => core.zeros([1], f64),
      () => core.uniform(key(1), [1], f64),
      () => core.normal(key(1), [1], f64),
      () => core.cast(x, 'f64'),
    ]) {
      expect(make).toThrow(DTypeError);
      expect(make).toThrow('f64 was asked for, but single stores f32 and i32');
    }
    expect(single.memory().buffers).toBe(1);
  });
});

describe('lengths', () => {
  test.each([-1, 1.5, NaN, Infinity, undefined, '2'])('scatterAdd into %s rows', (rows) => {
    using indices = tensor([0], { dtype: 'i32' });
    using updates = tensor([1]);
    expect(() => untyped.scatterAdd?.(indices, updates, rows)).toThrow(ArgumentError);
  });

  test.each([[[-3]], [[1.5]], [[NaN]], [['3']], [3], [undefined]])('broadcastTo %s', (shape) => {
    using x = tensor([1]);
    expect(() => untyped.broadcastTo?.(x, shape)).toThrow(ArgumentError);
  });

  test('lists of lengths and axes must be lists', () => {
    using x = tensor([1, 2]);
    for (const [name, args] of [
      ['reshape', [2]],
      ['reshape', []],
      ['slice', []],
      ['slice', [[0]]],
      ['slice', [0, 1]],
      ['transpose', [0]],
      ['flip', ['0']],
    ] as const) {
      expect(() => untyped[name]?.(x, ...args), `${name}(x, ${String(args)})`).toThrow(ArgumentError);
    }
    expect(() => core.reshape(x, [3])).toThrow(ShapeError);
  });
});

describe('numbers of a fused op', () => {
  test('label smoothing and epsilon', () => {
    using x = full([1, 2], 1);
    using gain = full([2], 1);
    using targets = tensor([0], { dtype: 'i32' });
    for (const smoothing of ['0.1', NaN, 1, -0.1]) {
      expect(() => untyped.softmaxCrossEntropy?.(x, targets, smoothing), String(smoothing)).toThrow(ArgumentError);
      expect(() => untyped.summedSoftmaxCrossEntropy?.(x, targets, smoothing), String(smoothing)).toThrow(
        ArgumentError,
      );
    }
    for (const epsilon of ['1', NaN, -1, { epsilon: 1 }]) {
      expect(() => untyped.layerNorm?.(x, gain, gain, epsilon), JSON.stringify(epsilon)).toThrow(ArgumentError);
    }
  });
});

describe('random numbers', () => {
  test('on the host take a key, a count and an offset', () => {
    for (const args of [
      [3, 2],
      [key(1), -1],
      [key(1), 1.5],
      [key(1), 2, -1],
      [key(1), 2, 0.5],
    ]) {
      expect(() => untyped.uniformValues?.(...args), String(args)).toThrow(ArgumentError);
    }
  });

  test('of a name take a name', () => {
    for (const name of [3, undefined, null, ['a']]) {
      expect(() => untyped.foldInName?.(key(1), name), String(name)).toThrow(ArgumentError);
    }
    expect(() => untyped.foldInName?.(3, '')).toThrow(ArgumentError);
  });
});

describe('backends', () => {
  test.each([undefined, null, 3, {}, Promise.resolve(backend)])('what is none is refused: %s', (given) => {
    expect(() => untyped.useBackend?.(given)).toThrow(BackendError);
    expect(() => untyped.useBackend?.(given)).toThrow('as createBackend() makes it');
  });

  test('of another contract are refused as an option too', () => {
    const old = { ...createBackend(), name: 'old', specificationVersion: 1 } as unknown as Backend;
    for (const make of [
      () => tensor([1], { backend: old }),
      () => core.zeros([1], { backend: old }),
      () => core.uniform(key(1), [1], { backend: old }),
    ]) {
      expect(make).toThrow(BackendError);
      expect(make).toThrow('New in version 2');
    }
  });
});

describe('functions, cells and tasks', () => {
  const bad: readonly unknown[] = [undefined, null, 3, {}, 'f'];

  test.each([
    'vjp',
    'jvp',
    'grad',
    'valueAndGrad',
    'valueAndGradWithAux',
    'vmap',
    'jacobian',
    'jacobianForward',
    'trace',
  ])('%s of what is no function', (name) => {
    for (const fn of bad) {
      expect(() => untyped[name]?.(fn), JSON.stringify(fn)).toThrow(ArgumentError);
      expect(() => untyped[name]?.(fn)).toThrow(`${name}: needs a function`);
    }
  });

  test('recordStateCotangents of an async function', () => {
    expect(() => core.recordStateCotangents(async () => Promise.resolve(1))).toThrow('the function is async');
  });

  test.each(['scan', 'scanSteps', 'traceStep', 'cellTask', 'cellJacobian', 'cellPattern'])(
    '%s of what is no cell',
    (name) => {
      for (const cell of bad) {
        expect(() => untyped[name]?.(cell, {}), JSON.stringify(cell)).toThrow(ArgumentError);
        expect(() => untyped[name]?.(cell, {})).toThrow('a cell is wanted');
      }
    },
  );

  const steps: readonly [returned: string, step: (carry: unknown, input: unknown) => unknown][] = [
    ['undefined', () => undefined],
    ['an array', (carry, input) => [carry, input]],
    ['a Promise', (carry, output) => Promise.resolve({ carry, output })],
    ['a tensor', (_, input) => input],
    ['{ carry, ouput }', (carry, ouput) => ({ carry, ouput })],
    ['{ state, output }', (state, output) => ({ state, output })],
  ];
  test.each(steps)('a step that returns %s', (returned, step) => {
    const cell = { step: (_: unknown, carry: unknown, input: unknown) => step(carry, input) };
    for (const run of [
      () => untyped.scan?.(cell, {}, { h: core.zeros([1, 1]) }, core.ones([2, 1, 1])),
      () => untyped.traceStep?.(cell, { params: {}, carry: { h: core.zeros([1, 1]) }, input: core.ones([1, 1]) }),
      () => untyped.cellJacobian?.(cell, { w: core.ones([1]) }, { h: core.zeros([1, 1]) }, core.ones([1, 1])),
    ]) {
      const given = (): unknown => scope(() => void run());
      expect(given).toThrow(ArgumentError);
      expect(given).toThrow(`must return { carry, output }, but returned ${returned}`);
    }
  });

  const strategies = { truncatedBptt: core.truncatedBptt({ updateEvery: 2 }), fullBptt: core.fullBptt() };
  test.each(Object.keys(strategies) as (keyof typeof strategies)[])('%s of what is no task', (name) => {
    for (const task of [...bad, { forward: () => null, loss: () => null }]) {
      const start = strategies[name].start as unknown as (task: unknown) => unknown;
      expect(() => start(task)).toThrow(ArgumentError);
      expect(() => start(task)).toThrow(`${name}().start: a task is wanted`);
    }
  });

  test('fullBptt has no lengths to set', () => {
    expect(() => untyped.fullBptt?.({ updateEvery: 5 })).toThrow('there is no option "updateEvery"');
    expect(() => untyped.fullBptt?.(5)).toThrow(ArgumentError);
  });

  const losses: readonly [what: string, loss: (output: core.Tensor) => unknown][] = [
    ['f32[2, 1, 1]', (output) => output],
    ['f32[1]', (output) => core.reshape(core.sum(output), [1])],
    ['i32[]', (output) => core.cast(core.sum(output), 'i32')],
    ['the number 3', () => 3],
    ['undefined', () => undefined],
  ];
  test.each(losses)('a loss that is %s', (what, loss) => {
    const cell: core.Cell<{ w: core.Tensor }, { h: core.Tensor }> = {
      initialCarry: (batch) => ({ h: core.zeros([batch, 1]) }),
      step: ({ w }, { h }, input) => ({ carry: { h: core.add(h, core.mul(w, input)) }, output: h }),
    };
    const task = core.cellTask(cell, {
      input: (stretch: core.Tensor) => stretch,
      loss: (_, output) => loss(output) as core.Tensor,
    });
    for (const settings of [{ backwardSteps: 2 }, { lossScope: 'last' as const }]) {
      scope(() => {
        const run = core.truncatedBptt({ updateEvery: 2, ...settings }).start(task);
        const push = (): unknown => run.push({ w: core.ones([1]) }, core.ones([2, 1, 1])).next();
        if (what === 'f32[2, 1, 1]' && 'lossScope' in settings) expect(push).toThrow('but is f32[1, 1, 1]');
        else expect(push).toThrow(`must be one floating-point scalar, summed over the steps, but is ${what}`);
        run.dispose();
      });
    }
  });
});
