import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { availableBuilds, createBackend } from '@tempograd/backend-wasm';
import { specificationVersion } from '@tempograd/core/backend';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { canFuse, hasRelaxedSimd, hasSharedMemory, hasSimd } from '../../src/loader/probes.js';
import { hasJoining } from '../../src/loader/recipes.js';

const runFile = promisify(execFile);

/** Node 22 takes relaxed SIMD as it is; older and newer ones have something to turn on. */
const relaxedUnasked = hasRelaxedSimd() && !hasJoining();
/** What this engine takes unasked, on a processor of the last ten years. */
const best = hasJoining() && canFuse() ? 'wide' : 'relaxed';

/** A program that prints what it was given, one sum, and whether the process has relaxed SIMD afterwards. */
const probing = `
  import { createBackend } from '@tempograd/backend-wasm';
  const backend = await createBackend({ threads: 2, parallelFrom: 0 });
  const { build, threads } = backend.info;
  const ones = { handle: backend.fill([16], 1, 'f32'), shape: [16], dtype: 'f32' };
  const sum = backend.readSync({ handle: backend.sum(ones, [0]), shape: [], dtype: 'f32' })[0];
  backend.dispose();
  const madd = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 20, 1, 18, 0,
    65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 26, 11];
  console.log(JSON.stringify({ build, threads, relaxed: WebAssembly.validate(new Uint8Array(madd)), sum }));`;

afterEach(() => vi.unstubAllGlobals());

describe('the build', () => {
  test('this engine has what the tests need', () => {
    expect(hasSimd()).toBe(true);
    expect(hasSharedMemory()).toBe(true);
  });

  test('the fastest build is taken that proves itself, and info says so', async () => {
    const wasm = await createBackend({ threads: 1 });
    expect(wasm.specificationVersion).toBe(specificationVersion);
    expect(wasm.name).toBe('wasm');
    expect(wasm.info).toMatchObject({ build: best, threads: 1 });
    expect(wasm.info.buildReason).toBe(
      relaxedUnasked
        ? 'the engine has relaxed SIMD; Node 24 or later has wide vectors, about 1.6 times as fast'
        : 'turned on for these kernels alone, which compute what they should',
    );
    expect(wasm.capabilities).toMatchObject({ dtypes: ['f32', 'i32'], syncRead: true, views: true });
    wasm.dispose!();
  });

  test('the build asked for is taken', async () => {
    const wasm = await createBackend({ threads: 1, build: 'simd' });
    expect(wasm.info).toMatchObject({ build: 'simd', buildReason: 'asked for' });
    wasm.dispose!();
  });

  test('the builds to be had are those that start', async () => {
    const starting: string[] = [];
    for (const build of ['simd', 'relaxed', 'wide'] as const) {
      const backend = await createBackend({ build, threads: 1 }).catch(() => null);
      if (backend !== null) starting.push(build);
      backend?.dispose!();
    }
    expect(availableBuilds()).toEqual(starting);
  });

  test('threads take it too, and no flag is left set behind it', async () => {
    const { stdout, stderr } = await runFile(process.execPath, ['--input-type=module', '--eval', probing]);
    expect(JSON.parse(stdout)).toEqual({ build: best, threads: 2, relaxed: hasRelaxedSimd(), sum: 16 });
    expect(stderr).toBe('');
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
