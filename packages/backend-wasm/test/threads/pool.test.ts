import { Worker } from 'node:worker_threads';
import { BackendError } from '@tempograd/core/backend';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { claims, claimStride, done, tasksOf, unclaimed, type Task } from '../../src/threads/control.js';
import { built } from '../support/built.js';

const { Pool } = await built<typeof import('../../src/threads/Pool.js')>('threads/Pool.js');
const { loadBuild } = await built<typeof import('../../src/loader/loadBuild.js')>('loader/loadBuild.js');
const { controlStart } = await built<typeof import('../../src/engine/Engine.js')>('engine/Engine.js');

const { module } = await loadBuild('simd', true);

/** A pool of `workers`, with the calling thread's own kernels replaced where `stub` says so. */
async function startPool(workers: number, stub?: (words: Int32Array) => Task) {
  const memory = new WebAssembly.Memory({ initial: 32, maximum: 65536, shared: true });
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const control = controlStart(instance);
  const words = new Int32Array(memory.buffer, control);
  const names = Object.keys(instance.exports);
  const tasks = stub === undefined ? tasksOf(instance) : names.map(() => stub(words));
  return {
    pool: await Pool.start(workers, Promise.resolve({ module, memory, control, tasks })),
    words,
    fill: names.indexOf('fill'),
  };
}

describe('the pool', () => {
  afterEach(() => vi.restoreAllMocks());

  test('other threads take parts while the caller is busy with one', async () => {
    const parts = 3;
    // The caller's part ends only when all the others are done, which the workers alone can do.
    const { pool, words, fill } = await startPool(2, (shared) => () => {
      const deadline = performance.now() + 20_000;
      while (Atomics.load(shared, done) < parts - 1 && performance.now() < deadline);
      expect(Atomics.load(shared, done)).toBe(parts - 1);
    });
    pool.run(fill, parts, 0, 0);
    expect(Atomics.load(words, done)).toBe(parts);
    pool.dispose();
  });

  test('threads come up while kernels are loaded, and end where loading fails, whose error is told', async () => {
    const terminate = vi.spyOn(Worker.prototype, 'terminate');
    let fail: (error: Error) => void = () => undefined;
    const loading = new Promise<never>((_, reject) => (fail = reject));
    const started = Pool.start(2, loading);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(terminate).not.toHaveBeenCalled();
    fail(new Error('no kernels today'));
    await expect(started).rejects.toThrow('no kernels today');
    expect(terminate).toHaveBeenCalledTimes(2);
  });

  test('runs thousands of small tasks without losing one', async () => {
    let ran = 0;
    const { pool, words, fill } = await startPool(1, () => () => void ran++);
    for (let i = 0; i < 5000; i++) {
      pool.run(fill, 2, 0, 0);
      expect(Atomics.load(words, done)).toBe(2);
    }
    expect(ran).toBeGreaterThan(0);
    pool.dispose();
  });

  test('a worker that never finishes its part gives an error, not a hang', async () => {
    const { pool, fill } = await startPool(1, (words) => () => {
      // What is left is claimed as by a worker that died right after.
      while (Atomics.load(words, unclaimed) > 0) Atomics.sub(words, unclaimed, 1);
    });
    let clock = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => (clock += 3000));
    const run = (): void => {
      for (let i = 0; i < 50; i++) pool.run(fill, 64, 0, 0);
    };
    expect(run).toThrow(BackendError);
    expect(run).toThrow(/has not finished/);
    pool.dispose();
  });

  test('a part that traps gives an error', async () => {
    const { pool, fill } = await startPool(1, () => () => {
      throw new WebAssembly.RuntimeError('unreachable');
    });
    expect(() => pool.run(fill, 2, 0, 0)).toThrow(/trapped/);
    pool.dispose();
  });

  test('a task of steps is done in order without workers that do not come', async () => {
    const ran: [step: number, part: number][] = [];
    const { pool, fill } = await startPool(
      0,
      () => (_args, part, _parts, _scratch, step) => void ran.push([step, part]),
    );
    pool.run(fill, 3, 0, 0, undefined, 4);
    expect(ran.map(([step]) => step)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]);
    expect(new Set(ran.map(([step, part]) => step * 3 + part)).size).toBe(12);
    // What follows has no steps.
    ran.length = 0;
    pool.run(fill, 2, 0, 0);
    expect(ran).toHaveLength(2);
    pool.dispose();
  });

  test('no part of a step begins before all parts of the one before are done', async () => {
    let ran = 0;
    const { pool, words, fill } = await startPool(2, (shared) => (_args, _part, parts, _scratch, step) => {
      ran++;
      // What is thrown here, the pool takes for a trap.
      if (Atomics.load(shared, done) < step * parts) throw new Error('too early');
    });
    for (let i = 0; i < 300; i++) {
      pool.run(fill, 3, 0, 0, undefined, 20);
      expect(Atomics.load(words, done)).toBe(60);
    }
    expect(ran).toBeGreaterThan(0);
    pool.dispose();
  });

  test('a worker that never finishes its part of a step gives an error, not a hang', async () => {
    const { pool, fill } = await startPool(0, (words) => (_args, part, parts, _scratch, step) => {
      // The other parts are claimed as by workers that died right after.
      for (let other = 0; other < parts; other++)
        if (other !== part) Atomics.store(words, claims + other * claimStride, step + 1);
    });
    let clock = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => (clock += 3000));
    expect(() => pool.run(fill, 2, 0, 0, undefined, 5)).toThrow(/has not finished/);
    expect(() => pool.run(fill, 2, 0, 0, undefined, 5)).toThrow(/make a new one/);
    pool.dispose();
  });
});
