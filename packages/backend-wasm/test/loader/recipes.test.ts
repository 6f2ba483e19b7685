import { afterEach, describe, expect, test, vi } from 'vitest';
import { fastestRecipe, joiningFlag, recipeFor } from '../../src/loader/recipes.js';
import { hasRelaxedSimd } from '../../src/loader/probes.js';

afterEach(() => vi.unstubAllGlobals());

/** Another engine in place of this one. */
function on(v8: string, arch = 'x64', platform = 'linux'): void {
  const { getBuiltinModule } = process;
  vi.stubGlobal('process', { getBuiltinModule, versions: { node: '0.0.0', v8 }, arch, platform });
}

describe('recipes', () => {
  test.each(['13.6.233.17-node.53', '14.1.146.11-node.25', '14.6.202.34-node.40'])('V8 %s joins vectors', (v8) => {
    on(v8);
    expect(recipeFor('wide')).toMatchObject({ build: 'wide' });
    expect(recipeFor('relaxed')).toBe(null);
  });

  test.each([
    ['12.4.254.21', 'x64', 'linux'],
    ['14.7.1.1', 'x64', 'linux'],
    ['15.0.1.1', 'x64', 'linux'],
    ['13.6.233.17', 'arm64', 'linux'],
    ['13.6.233.17', 'x64', 'darwin'],
  ])('V8 %s on %s, %s, does not, or nobody knows', (v8, arch, platform) => {
    on(v8, arch, platform);
    expect(recipeFor('wide')).toBe(null);
    expect(recipeFor('relaxed')).toBe(null);
    if (hasRelaxedSimd()) expect(fastestRecipe()).toBe(null);
  });

  test('Node 20 has relaxed SIMD to turn on, on any processor', () => {
    on('11.3.244.8-node.38', 'arm64', 'darwin');
    expect(recipeFor('relaxed')).toMatchObject({ build: 'relaxed' });
    expect(recipeFor('wide')).toBe(null);
  });

  test('the flag has another name where V8 no longer calls it experimental', () => {
    on('14.7.1.1');
    expect(joiningFlag()).toBe('--experimental-wasm-revectorize');
    on('15.6.1.1');
    expect(joiningFlag()).toBe('--wasm-revectorize');
  });

  test('a page has none', () => {
    vi.stubGlobal('process', undefined);
    expect([recipeFor('wide'), recipeFor('relaxed'), fastestRecipe()]).toEqual([null, null, null]);
  });
});
