import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import workerThreads, { Worker } from 'node:worker_threads';
import { BackendError } from '@tempograd/core/backend';
import { createBackend } from '@tempograd/backend-wasm';
import { afterEach, describe, expect, test, vi } from 'vitest';

const started: Worker[] = [];

/** Records the workers that are made, and starts them from `script` where that is given. */
function recordWorkers(script?: URL): void {
  class Recorded extends Worker {
    constructor(url: URL, options: workerThreads.WorkerOptions) {
      super(script ?? url, options);
      started.push(this);
    }
  }
  workerThreads.Worker = Recorded;
}

afterEach(() => {
  workerThreads.Worker = Worker;
  started.length = 0;
});

const f32 = 'f32' as const;

describe('workers', () => {
  test('one that ended gives an error that names it and the remedy', async () => {
    recordWorkers();
    const wasm = await createBackend({ threads: 2, parallelFrom: 0 });
    await started[0]!.terminate();
    expect(() => wasm.fill([1000], 1, f32)).toThrow(BackendError);
    expect(() => wasm.fill([1000], 1, f32)).toThrow(/Worker 1 .* ended: it exited .*make a new one/);
    wasm.dispose!();
  });

  test('one that is ending does not hang the caller, before its end is told', async () => {
    recordWorkers();
    const wasm = await createBackend({ threads: 2, parallelFrom: 0 });
    const x = { handle: wasm.fill([100_000], 1, f32), shape: [100_000], dtype: f32 };
    void started[0]!.terminate();
    const begin = performance.now();
    for (let i = 0; i < 200; i++) wasm.release(wasm.unary('exp', x));
    expect(performance.now() - begin).toBeLessThan(9000);
    wasm.dispose!();
  });

  test('where they cannot start, threads that were asked for are an error', async () => {
    recordWorkers(new URL('missing.js', import.meta.url));
    await expect(createBackend({ threads: 2 })).rejects.toThrow(/Worker 1 .* did not start: .*missing/);
  });

  test('where they cannot start, the default is one thread, and info says why', async () => {
    recordWorkers(new URL('missing.js', import.meta.url));
    const wasm = await createBackend({ parallelFrom: 0 });
    // Nobody waits for them, and what is to be done is done without them, before that is known and afterwards.
    const fill = (): void => wasm.release(wasm.fill([1000], 1, f32));
    fill();
    await vi.waitFor(() => expect(wasm.info.threads).toBe(1), 20_000);
    fill();
    if (started.length > 0) expect(wasm.info.threadsReason).toMatch(/did not start: Worker \d+ .*missing/);
    wasm.dispose!();
  });

  test('nobody waits for those that nobody asked for; they join in when they are there', async () => {
    recordWorkers();
    const wasm = await createBackend({ parallelFrom: 0 });
    const { threads } = wasm.info;
    const coming = started.map((worker) => once(worker, 'message'));
    wasm.release(wasm.fill([1000], 1, f32));
    await Promise.all(coming);
    wasm.release(wasm.fill([1000], 1, f32));
    expect(wasm.info.threads).toBe(threads);
    wasm.dispose!();
    await Promise.all(started.map((worker) => worker.terminate()));
    expect(wasm.info.threadsReason).toMatch(/the machine runs/);
  });

  test('a disposed backend refuses work', async () => {
    const wasm = await createBackend({ threads: 2 });
    wasm.dispose!();
    expect(() => wasm.fill([3], 1, f32)).toThrow(/disposed/);
    expect(() => wasm.write(new Float32Array(3), [3], f32)).toThrow(/disposed/);
  });

  test.each([
    ['dispose', true, 'threads: 3, '],
    ['no dispose', false, 'threads: 3, '],
    ['threads that have not come up', false, ''],
  ])('a process exits by itself with %s', async (_, dispose, asked) => {
    const entry = new URL('../../dist/index.js', import.meta.url).href;
    const script = `
      import { createBackend } from '${entry}';
      const wasm = await createBackend({ ${asked}parallelFrom: 0 });
      wasm.release(wasm.fill([100000], 1, 'f32'));
      if (${dispose}) wasm.dispose();
      console.log(wasm.info.threads);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 200_000,
    });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect(Number(output)).toBe(asked === '' ? Math.min(8, availableParallelism()) : 3);
  });
});
