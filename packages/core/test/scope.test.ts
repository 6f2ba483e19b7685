import { createBackend } from '@tempograd/backend-js';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  add,
  ArgumentError,
  currentBackend,
  disposeTree,
  keep,
  LifetimeError,
  mul,
  recordPaths,
  reshape,
  scalar,
  scope,
  shareTree,
  tensor,
  useBackend,
  vjp,
  withBackend,
  withoutFusedOps,
  type Tensor,
} from '../src/index.js';

const backend = createBackend();
const live = (): number => backend.memory().buffers;

beforeEach(() => {
  useBackend(backend);
  const before = live();
  return () => expect(live(), 'live buffers').toBe(before);
});

describe('functions that are async', () => {
  const other = createBackend();
  test.each<[string, (fn: () => unknown) => unknown]>([
    ['scope', scope],
    ['withBackend', (fn) => withBackend(other, fn)],
    ['withoutFusedOps', withoutFusedOps],
    ['recordPaths', recordPaths],
  ])('are refused by %s, which ends at once', async (name, run) => {
    const started: Tensor[] = [];
    const attempt = (): unknown =>
      run(async () => {
        started.push(scalar(1));
        await Promise.resolve();
        throw new Error('nobody hears of this');
      });
    expect(attempt).toThrow(ArgumentError);
    expect(attempt).toThrow(`${name}: the function is async. `);
    expect(currentBackend()).toBe(backend);
    await Promise.resolve();
    for (const x of started) x.dispose();
  });
});

describe('scope', () => {
  test('frees all but what it returns', () => {
    const before = live();
    const { kept } = scope(() => {
      const a = tensor([1, 2]);
      return { kept: add(mul(a, 2), 1), text: 'passed over', list: [new Float64Array(1)] };
    });
    expect(live()).toBe(before + 1);
    expect([...kept.readSync()]).toEqual([3, 5]);
    kept.dispose();
  });

  test('what an inner scope returns belongs to the outer one', () => {
    scope(() => {
      const inner = scope(() => tensor([1]));
      expect([...inner.readSync()]).toEqual([1]);
    });
  });

  test('frees everything when the function throws', () => {
    expect(() =>
      scope(() => {
        tensor([1, 2, 3]);
        throw new Error('no');
      }),
    ).toThrow('no');
  });

  test('refuses an async function and frees what it made', () => {
    expect(() => scope(async () => tensor([1]))).toThrow(/async/);
  });

  test('kept tensors outlive every scope', () => {
    const kept = scope(() => scope(() => void 0) ?? keep(tensor([4])));
    expect([...kept.readSync()]).toEqual([4]);
    kept.dispose();
  });
});

describe('tensors', () => {
  test('a disposed tensor says so', () => {
    const a = tensor([1]);
    a.dispose();
    a.dispose();
    expect(() => add(a, 1)).toThrow(LifetimeError);
    expect(() => add(a, 1)).toThrow(/disposed of/);
  });

  test('`using` disposes at the end of the block', () => {
    const before = live();
    {
      using a = tensor([1]);
      expect(a.size).toBe(1);
    }
    expect(live()).toBe(before);
  });

  test('an op that changes nothing still gives a tensor of its own', () => {
    const a = tensor([1, 2]);
    reshape(a, [2]).dispose();
    expect([...a.readSync()]).toEqual([1, 2]);
    a.dispose();
  });

  test('a shared tree lives on after its source', () => {
    const source = { a: tensor([1]) };
    const shared = shareTree(source);
    disposeTree(source);
    expect([...shared.a.readSync()]).toEqual([1]);
    disposeTree(shared);
  });
});

describe('pullbacks', () => {
  test('hold what they need until disposed of, whatever scopes are used inside', () => {
    const before = live();
    const x = tensor([3]);
    const { value, pullback } = vjp((a: Tensor) => scope(() => mul(mul(a, a), a)), x);
    const held = live();
    const seed = tensor([1]);
    const [first, again] = [pullback(seed), pullback(seed)];
    expect([...first.readSync()]).toEqual([27]);
    expect([...again.readSync()]).toEqual([27]);
    pullback.dispose();
    expect(live()).toBeLessThan(held + 3);
    expect(() => pullback(seed)).toThrow(/disposed of/);
    disposeTree([x, value, seed, first, again]);
    expect(live()).toBe(before);
  });

  test('a tensor smuggled out of a differentiated function is refused', () => {
    scope(() => {
      let smuggled: Tensor | null = null;
      const { pullback } = vjp(
        (a: Tensor) => {
          smuggled = a;
          return mul(a, a);
        },
        tensor([2]),
      );
      pullback.dispose();
      expect(() => mul(smuggled as unknown as Tensor, 2)).toThrow(/differentiation that has ended/);
    });
  });
});
