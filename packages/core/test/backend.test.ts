import { createBackend } from '@tempograd/backend-js';
import { afterEach, describe, expect, test } from 'vitest';
import type { Backend } from '../src/backend/index.js';
import {
  add,
  adamStep,
  BackendError,
  layerNorm,
  linear,
  ones,
  recordPaths,
  scope,
  shareTree,
  tensor,
  useBackend,
  withBackend,
  withoutFusedOps,
  zeros,
} from '../src/index.js';

const backend = createBackend();

/** The backend with some members changed; methods keep their own `this`. */
function changed(members: Partial<Record<keyof Backend, unknown>>): Backend {
  return new Proxy(backend, {
    get(target, name) {
      if (name in members) return members[name as keyof Backend];
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

afterEach(() => useBackend(backend));

describe('selecting a backend', () => {
  test('a backend of version 1 is told what has changed since', () => {
    expect(() => useBackend(changed({ specificationVersion: 1 }))).toThrow(
      /version 1 of the backend contract.*New in version 2: binary, compare and select take a number/s,
    );
  });

  test('another specification version is refused, with both versions named', () => {
    expect(() => useBackend(changed({ specificationVersion: 99 }))).toThrow(/version 99 .* has version 2/s);
  });

  test('half a family is refused', () => {
    expect(() => useBackend(changed({ linearBackward: undefined }))).toThrow(/"linear" but lacks linearBackward/);
  });

  test('withBackend selects for a while', () => {
    useBackend(backend);
    const other = changed({ name: 'other' });
    expect(withBackend(other, () => scope(() => zeros([1]).backend.name))).toBe('other');
    expect(scope(() => zeros([1]).backend.name)).toBe('js');
  });

  test('tensors of two backends do not mix', () => {
    useBackend(backend);
    scope(() => {
      const a = tensor([1]);
      const b = tensor([1], { backend: changed({ name: 'other' }) });
      expect(() => add(a, b)).toThrow(BackendError);
      expect(() => add(a, b)).toThrow(/js and other/);
    });
  });
});

describe('the resolver', () => {
  test('says which path ran and why', () => {
    useBackend(backend);
    scope(() => {
      const [x, w] = [ones([2, 3]), ones([4, 3])];
      expect(recordPaths(() => linear(x, w)).paths).toEqual([{ family: 'linear', path: 'fused', reason: '' }]);
      expect(recordPaths(() => withoutFusedOps(() => linear(x, w))).paths).toMatchObject([
        { path: 'composed', reason: 'fused ops are switched off' },
      ]);
      const { paths } = recordPaths(() => layerNorm(x, ones([3]), ones([3])));
      expect(paths).toEqual([{ family: 'layerNorm', path: 'composed', reason: 'js has no fused layerNorm' }]);
    });
  });

  test('an optimiser step spares whoever shares the old value', () => {
    useBackend(backend);
    scope(() => {
      const [p, g, m, v] = [ones([3]), ones([3]), zeros([3]), zeros([3])];
      const controls = { learningRate: 0.1, step: 1 };
      const moments = { moment1: m, moment2: v, maxMoment2: null };
      const settings = {
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weightDecay: 0,
        decoupled: false,
      };
      const before = shareTree(p);
      const shared = recordPaths(() => adamStep(p, g, moments, controls, settings));
      expect(shared.paths[0]).toMatchObject({ family: 'adam', path: 'composed' });
      expect([...before.readSync()]).toEqual([1, 1, 1]);
      expect(p.readSync()[0]).toBeCloseTo(0.9, 5);
      before.dispose();
      expect(recordPaths(() => adamStep(p, g, moments, { ...controls, step: 2 }, settings)).paths[0]?.path).toBe(
        'fused',
      );
    });
  });
});
