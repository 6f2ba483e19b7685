import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { availableBuilds, createBackend } from '@tempograd/backend-wasm';
import { specificationVersion } from '@tempograd/core/backend';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { hasRelaxedSimd, hasSharedMemory, hasSimd } from '../../src/loader/probes.js';
import { joinVectors } from '../../src/loader/engineFlags.js';

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

  test('vectors are joined where the process was started for it', async () => {
    vi.stubGlobal('process', { ...process, execArgv: ['--experimental-wasm-revectorize'] });
    const wasm = await createBackend({ threads: 1 });
    expect(wasm.info).toMatchObject({ build: 'wide', buildReason: 'the engine was told to join vectors' });
    wasm.dispose!();
  });

  test('wide vectors, asked for, turn the flag on; a Node that cannot says so', async () => {
    const flags: string[] = [];
    const getBuiltinModule = (): unknown => ({ setFlagsFromString: (flag: string) => flags.push(flag) });
    const as = (v8: string, arch: string): unknown => ({ versions: { node: '0.0.0', v8 }, arch, getBuiltinModule });
    vi.stubGlobal('process', as('13.6.233.17', 'x64'));
    joinVectors();
    expect(flags).toEqual(['--experimental-wasm-revectorize']);
    for (const [v8, arch] of [
      ['11.3.244.8', 'x64'],
      ['13.6.233.17', 'arm64'],
    ] as const) {
      vi.stubGlobal('process', as(v8, arch));
      expect(joinVectors).toThrow(/build 'wide' needs Node 24 or later on x64/);
    }
    vi.stubGlobal('process', undefined);
    expect(joinVectors).not.toThrow();
    expect(flags).toHaveLength(1);
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

  test('relaxed SIMD, asked for, is turned on in the Node that has it behind a flag, and in its threads', async () => {
    const program = `
      import { createBackend } from '@tempograd/backend-wasm';
      const infos = [];
      for (const build of ['auto', 'relaxed']) {
        const backend = await createBackend({ build, threads: 2 });
        infos.push(backend.info);
        backend.dispose();
      }
      console.log(JSON.stringify(infos));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
    const behindFlag = process.versions.node.startsWith('20.');
    expect(JSON.parse(stdout)).toMatchObject([
      behindFlag
        ? { build: 'simd', buildReason: "the engine has SIMD but not relaxed SIMD; build: 'relaxed' turns it on" }
        : { build: 'relaxed' },
      { build: 'relaxed', buildReason: 'asked for', threads: 2, threadsReason: 'asked for' },
    ]);
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
