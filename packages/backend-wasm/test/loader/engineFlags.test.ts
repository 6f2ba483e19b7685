import v8 from 'node:v8';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { settableV8, startedWith, withFlags } from '../../src/loader/engineFlags.js';

const set: string[] = [];
const lazy = { set: '--no-wasm-lazy-compilation', default: '--wasm-lazy-compilation' };
const budget = { set: '--wasm-tiering-budget=1', default: '--wasm-tiering-budget=13000000' };

beforeEach(() => {
  set.length = 0;
  vi.spyOn(v8, 'setFlagsFromString').mockImplementation((flag) => void set.push(flag));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A process started with these arguments, in place of this one. */
function startWith(...execArgv: string[]): void {
  vi.stubGlobal('process', { ...process, getBuiltinModule: () => v8, execArgv });
}

describe('flags of the engine', () => {
  test('are set while something runs, and then as they are by default', () => {
    startWith();
    const result = withFlags([lazy, budget], () => set.push('run'));
    expect(result).toBe(3);
    expect(set).toEqual([lazy.set, budget.set, 'run', lazy.default, budget.default]);
  });

  test('are put back where what runs throws', () => {
    startWith();
    expect(() => withFlags([lazy], () => expect.fail('a kernel'))).toThrow('a kernel');
    expect(set).toEqual([lazy.set, lazy.default]);
  });

  test('are put back as the process was started with, whichever way that was written', () => {
    startWith('--wasm_tiering_budget=7', '--nowasm-lazy-compilation', '--import=wasm-lazy-compilation');
    withFlags([lazy, budget], () => {});
    expect(set.slice(2)).toEqual(['--nowasm-lazy-compilation', '--wasm_tiering_budget=7']);
    expect(startedWith('--liftoff')).toBe(null);
  });

  test('can be set in Node alone', () => {
    const as = (versions: object): number => {
      vi.stubGlobal('process', {
        getBuiltinModule: () => v8,
        versions: { node: '24.0.0', v8: '13.6.233.17', ...versions },
      });
      return settableV8();
    };
    expect(as({})).toBe(13.6);
    for (const other of ['electron', 'bun', 'deno']) expect(as({ [other]: '1.0.0' })).toBe(0);
    vi.stubGlobal('process', undefined);
    expect(settableV8()).toBe(0);
  });
});
