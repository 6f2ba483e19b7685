import {
  full,
  globalNorm,
  treeLeaves,
  ArgumentError,
  BackendError,
  DTypeError,
  LifetimeError,
  ShapeError,
  key,
  keep,
  disposeTree,
  normal,
  scalar,
  scope,
  sliceAxis,
  reshape,
  tensor,
  treeMap,
  withoutFusedOps,
  zeros,
  type Tensor,
} from '@tempograd/core';
import { createBackend } from '@tempograd/backend-js';
import { describe, expect, it } from 'vitest';
import { adam, adamw, matricesOnly, rmsprop, sgd, type Optimiser } from '../src/index.js';
import { expectClose, withFreshBackend } from './support/close.js';
import { Golden, goldenEntries } from './support/golden.js';

interface TorchOptions {
  readonly lr: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly weight_decay?: number;
  readonly alpha?: number;
  readonly eps?: number;
  readonly betas?: readonly [number, number];
  readonly centered?: boolean;
  readonly amsgrad?: boolean;
}

function optimiserOf(
  name: string,
  { lr: learningRate, weight_decay: weightDecay = 0, ...options }: TorchOptions,
): Optimiser {
  const {
    momentum = 0,
    nesterov = false,
    alpha = 0.99,
    eps: epsilon = 1e-8,
    betas: [beta1, beta2] = [0.9, 0.999],
    centered = false,
    amsgrad = false,
  } = options;
  if (name === 'SGD') return sgd({ learningRate, weightDecay, momentum, nesterov });
  if (name === 'RMSprop') return rmsprop({ learningRate, weightDecay, alpha, epsilon, momentum, centered });
  return (name === 'Adam' ? adam : adamw)({ learningRate, weightDecay, beta1, beta2, epsilon, amsgrad });
}

const [entry] = goldenEntries('optimizers');
const variants = (entry?.variants ?? []) as readonly { name: string; optimizer: string; options: TorchOptions }[];

describe('optimisers agree with PyTorch', () => {
  withFreshBackend();

  for (const path of ['fused', 'composed'] as const) {
    it.each(variants)(`$name, ${path}`, ({ name, optimizer, options }) => {
      const run = (): void =>
        scope(() => {
          const golden = new Golden(entry?.file as string);
          const optimiser = optimiserOf(optimizer, options);
          const params = { w: golden.tensor('param') };
          const state = optimiser.init(params);
          const gradients = golden.tensor('gradients');
          const expected = golden.values(`after.${name}`);
          for (let step = 0; step < 5; step++) {
            // Handed over doubled, so that the scale has something to undo.
            const gradient = reshape(sliceAxis(gradients, step, step + 1), [3, 2]);
            const doubled = treeMap({ w: gradient }, (leaf) =>
              tensor(pairs([...leaf.readSync()].map((value) => 2 * value)), { dtype: 'f64' }),
            );
            optimiser.update(params, doubled, state, { scale: scalar(0.5, { dtype: 'f64' }) });
            expectClose(params.w, expected.slice(6 * step, 6 * step + 6), 1e-10, `step ${step}`);
          }
          expect(state.step).toBe(5);
        });
      if (path === 'fused') run();
      else withoutFusedOps(run);
    });
  }
});

describe('optimisers', () => {
  withFreshBackend();
  const gradientOf = (params: { a: Tensor; b: Tensor }, seed: number): typeof params =>
    treeMap(params, (leaf) => normal(key(seed + leaf.size), leaf.shape, { dtype: 'f64' }));
  const start = (): { a: Tensor; b: Tensor } => ({
    a: normal(key(1), [2, 3], { dtype: 'f64' }),
    b: normal(key(2), [3], { dtype: 'f64' }),
  });

  it('go on bit for bit from a copy of their state', () =>
    scope(() => {
      const optimiser = adam({ learningRate: (step) => 0.1 / (step + 1), weightDecay: 0.01 });
      const [one, two] = [start(), start()];
      const state = optimiser.init(one);
      for (let step = 0; step < 3; step++) optimiser.update(one, gradientOf(one, step), state);
      const copy = <T>(tree: T): T => treeMap(tree, (leaf) => tensor(nest(leaf), { dtype: 'f64' }));
      const resumed = { step: state.step, moments: copy(state.moments) };
      const params = { ...two, ...copy(one) };
      for (let step = 3; step < 6; step++) {
        optimiser.update(one, gradientOf(one, step), state);
        optimiser.update(params, gradientOf(params, step), resumed);
      }
      expect(params.a.readSync()).toEqual(one.a.readSync());
      expect(params.b.readSync()).toEqual(one.b.readSync());
    }));

  it('change tensors in place and leave no buffer behind', () => {
    for (const optimiser of [
      sgd({ learningRate: 0.1, momentum: 0.9 }),
      rmsprop({ learningRate: 0.1, momentum: 0.9 }),
      adamw({ learningRate: 0.1 }),
    ]) {
      const { params, state } = scope(() => {
        const made = keep(start());
        return { params: made, state: { step: 0, moments: keep(optimiser.init(made).moments) } };
      });
      const before = params.a.backend.memory().buffers;
      const value = [...params.a.readSync()];
      for (let step = 0; step < 4; step++) scope(() => optimiser.update(params, gradientOf(params, step), state));
      expect(params.a.backend.memory().buffers, optimiser.name).toBe(before);
      expect([...params.a.readSync()]).not.toEqual(value);
      disposeTree([params, state.moments]);
    }
  });

  it('take the rate of the schedule by number of updates', () =>
    scope(() => {
      const params = { w: zeros([1], { dtype: 'f64' }) };
      const optimiser = sgd({ learningRate: (step) => 10 ** -step });
      const state = optimiser.init(params);
      for (let step = 0; step < 3; step++) optimiser.update(params, { w: tensor([-1], { dtype: 'f64' }) }, state);
      expect(params.w.readSync()[0]).toBeCloseTo(1.11, 12);
    }));

  it('decay only what the filter names', () =>
    scope(() => {
      const params = { w: tensor([[1]]), b: tensor([1]) };
      const optimiser = adamw({ learningRate: 0.5, weightDecay: 0.5, decays: matricesOnly });
      optimiser.update(params, { w: zeros([1, 1]), b: zeros([1]) }, optimiser.init(params));
      expect([params.w.readSync()[0], params.b.readSync()[0]]).toEqual([0.75, 1]);
    }));

  it('refuse trees that do not fit, before anything changes', () =>
    scope(() => {
      const optimiser = adam({ learningRate: 0.1 });
      const params = { a: tensor([1, 2]), b: tensor([3]) };
      const state = optimiser.init(params);
      const wrong = { a: tensor([1, 2]), c: tensor([3]) } as unknown as typeof params;
      expect(() => optimiser.update(params, wrong, state)).toThrow(
        /gradient must be a tree like the parameters.*has \{ a, b \}, the other \{ a, c \}/,
      );
      expect(() => optimiser.update(params, params, sgd({ learningRate: 1 }).init(params))).toThrow(
        /state.moments.moment1/,
      );
      expect([state.step, ...params.a.readSync()]).toEqual([0, 1, 2]);
    }));

  it('refuse a tensor in two places of the parameters, and say how to tie', () =>
    scope(() => {
      const shared = tensor([1, 2]);
      const tied = { encoder: { w: shared }, decoder: { w: shared } };
      const optimiser = sgd({ learningRate: 0.1 });
      const told = /"encoder.w" and "decoder.w".*use it twice in the model/s;
      expect(() => optimiser.init(tied)).toThrow(told);
      expect(() => optimiser.update(tied, tied, { step: 0, moments: {} })).toThrow(told);
      expect([...shared.readSync()]).toEqual([1, 2]);
    }));

  it('change nothing where the guard is not finite', () => {
    for (const optimiser of [
      adam({ learningRate: 0.1, amsgrad: true }),
      sgd({ learningRate: 0.1, momentum: 0.9 }),
      rmsprop({ learningRate: 0.1, centered: true, momentum: 0.5 }),
    ]) {
      scope(() => {
        const params = start();
        const state = optimiser.init(params);
        optimiser.update(params, gradientOf(params, 1), state, { guard: scalar(2, { dtype: 'f64' }) });
        const before = [params, state.moments].map((tree) => treeLeaves(tree).map((leaf) => [...leaf.readSync()]));
        const gradient = treeMap(params, (leaf) => full(leaf.shape, NaN, { dtype: 'f64' }));
        optimiser.update(params, gradient, state, { guard: globalNorm(gradient) });
        const after = [params, state.moments].map((tree) => treeLeaves(tree).map((leaf) => [...leaf.readSync()]));
        expect(after).toEqual(before);
      });
    }
  });

  it('refuse settings that make no sense', () => {
    expect(() => sgd({ learningRate: -1 })).toThrow(ArgumentError);
    expect(() => sgd({ learningRate: 1, nesterov: true })).toThrow(/momentum above 0/);
    expect(() => sgd({ learningRate: 1, momentum: 1 })).toThrow(/\[0, 1\)/);
    expect(() => adam({ learningRate: Number.NaN })).toThrow(/learningRate/);
    expect(() => adam({ learningRate: 1, beta2: 1 })).toThrow(/beta2/);
    expect(() => rmsprop({ learningRate: 1, epsilon: -1 })).toThrow(/epsilon/);
  });
});

function pairs(values: readonly number[]): number[][] {
  return Array.from({ length: values.length / 2 }, (_, row) => values.slice(2 * row, 2 * row + 2));
}

function nest(leaf: Tensor): number[] | number[][] {
  const values = [...leaf.readSync()];
  const columns = leaf.shape.at(-1) as number;
  return leaf.rank === 1
    ? values
    : Array.from({ length: values.length / columns }, (_, row) => values.slice(row * columns, (row + 1) * columns));
}

describe('an update that cannot be taken whole is not taken', () => {
  withFreshBackend();
  const f64 = { dtype: 'f64' } as const;
  const start = (): { a: Tensor; b: Tensor } => ({ a: tensor([1], f64), b: tensor([2], f64) });
  const elsewhere = createBackend();

  /** What goes wrong at the second parameter, when the first would have been stepped already. */
  const faults: readonly [
    what: string,
    error: new (message: string) => Error,
    gradient: (params: { a: Tensor }) => Tensor,
  ][] = [
    ['another dtype', DTypeError, () => tensor([1], { dtype: 'f32' })],
    ['another backend', BackendError, () => tensor([1], { ...f64, backend: elsewhere })],
    ['another shape', ArgumentError, () => tensor([1, 1], f64)],
    [
      'disposed',
      LifetimeError,
      () => {
        const gone = tensor([1], f64);
        gone.dispose();
        return gone;
      },
    ],
    ['a parameter', ArgumentError, ({ a }) => a],
  ];
  it.each(faults)('the second gradient is %s', (_, error, gradient) =>
    scope(() => {
      const params = start();
      const optimiser = adam({ learningRate: 0.1 });
      const state = optimiser.init(params);
      const update = (): void => optimiser.update(params, { a: tensor([1], f64), b: gradient(params) }, state);
      expect(update).toThrow(error);
      expect([state.step, params.a.readSync()[0], params.b.readSync()[0]]).toEqual([0, 1, 2]);
    }),
  );

  it.each<[string, () => unknown, new (message: string) => Error]>([
    ['scale of another dtype', () => ({ scale: scalar(1) }), DTypeError],
    ['scale of two numbers', () => ({ scale: tensor([1, 1], f64) }), ShapeError],
    ['scale that is NaN', () => ({ scale: NaN }), ArgumentError],
    ['guard elsewhere', () => ({ guard: scalar(1, { ...f64, backend: elsewhere }) }), BackendError],
  ])('%s', (_, options, error) =>
    scope(() => {
      const params = start();
      const optimiser = sgd({ learningRate: 0.1 });
      const state = optimiser.init(params);
      expect(() => optimiser.update(params, start(), state, options() as object)).toThrow(error);
      expect([state.step, params.a.readSync()[0], params.b.readSync()[0]]).toEqual([0, 1, 2]);
    }),
  );

  it('nor by a function that throws for the second parameter', () =>
    scope(() => {
      const params = start();
      const decays = (_: Tensor, path: string): boolean => {
        if (path === 'b') throw new Error('no');
        return true;
      };
      const optimiser = sgd({ learningRate: 0.1, weightDecay: 0.1, decays });
      expect(() => optimiser.update(params, start(), optimiser.init(params))).toThrow('no');
      expect(params.a.readSync()[0]).toBe(1);
    }));

  it('with the state of other settings, or none', () =>
    scope(() => {
      const params = start();
      const plain = adam({ learningRate: 0.1 });
      const state = adam({ learningRate: 0.1, amsgrad: true }).init(params);
      const refused = (given: unknown): void => plain.update(params, start(), given as typeof state);
      expect(() => refused(state)).toThrow('the state has moments "maxMoment2", which this optimiser does not keep');
      for (const step of [NaN, -1, 0.5, '0'])
        expect(() => refused({ ...plain.init(params), step }), String(step)).toThrow(ArgumentError);
      for (const none of [undefined, null, 3, {}, { step: 0 }, { step: 0, moments: null }])
        expect(() => refused(none), JSON.stringify(none)).toThrow(ArgumentError);
      const moments = plain.init(params).moments;
      const tied = { step: 0, moments: { ...moments, moment2: { a: moments.moment2?.a, b: moments.moment2?.a } } };
      expect(() => refused(tied)).toThrow('changed in place');
      expect([params.a.readSync()[0], params.b.readSync()[0]]).toEqual([1, 2]);
    }));
});
