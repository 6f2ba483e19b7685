import { createBackend } from '@tempograd/backend-wasm';
import { specificationVersion } from '@tempograd/core/backend';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { hasRelaxedSimd, hasSharedMemory, hasSimd } from '../../src/loader/probes.js';

afterEach(() => vi.unstubAllGlobals());

describe('the build', () => {
  test('this engine has what the tests need', () => {
    expect(hasSimd()).toBe(true);
    expect(hasRelaxedSimd()).toBe(true);
    expect(hasSharedMemory()).toBe(true);
  });

  test('relaxed SIMD is taken where the engine has it, and info says so', async () => {
    const wasm = await createBackend({ threads: 1 });
    expect(wasm.specificationVersion).toBe(specificationVersion);
    expect(wasm.name).toBe('wasm');
    expect(wasm.info).toMatchObject({ build: 'relaxed', buildReason: 'the engine has relaxed SIMD', threads: 1 });
    expect(wasm.capabilities).toMatchObject({ dtypes: ['f32', 'i32'], syncRead: true, views: true });
    wasm.dispose!();
  });

  test('the build asked for is taken', async () => {
    const wasm = await createBackend({ threads: 1, build: 'simd' });
    expect(wasm.info).toMatchObject({ build: 'simd', buildReason: 'asked for' });
    wasm.dispose!();
  });

  test('options that make no sense are refused', async () => {
    await expect(createBackend({ build: 'avx' as 'simd' })).rejects.toThrow(/build is 'avx'/);
    await expect(createBackend({ threads: 0 })).rejects.toThrow(/threads is 0/);
    await expect(createBackend({ threads: 1.5 })).rejects.toThrow(/threads is 1.5/);
  });

  test('without isolation there is one thread, and threads asked for are an error with the remedy', async () => {
    vi.stubGlobal('crossOriginIsolated', false);
    const wasm = await createBackend();
    expect(wasm.info.threads).toBe(1);
    expect(wasm.info.threadsReason).toMatch(/not cross-origin isolated/);
    wasm.dispose!();
    await expect(createBackend({ threads: 2 })).rejects.toThrow(/Cross-Origin-Opener-Policy/);
  });

  test('the default is one thread a core', async () => {
    const wasm = await createBackend();
    expect(wasm.info.threads).toBeGreaterThanOrEqual(1);
    expect(wasm.info.threadsReason).toMatch(/the machine runs \d+ at once/);
    wasm.dispose!();
  });
});
