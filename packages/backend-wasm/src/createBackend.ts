import { ArgumentError, BackendError, checkOptions, optionTable, specificationVersion } from '@tempograd/core/backend';
import type { Backend } from '@tempograd/core/backend';
import { controlStart, Engine } from './engine/Engine.js';
import type { Build } from './loader/builds.js';
import { loadBuild } from './loader/loadBuild.js';
import type { LoadedBuild } from './loader/loadBuild.js';
import { hasSharedMemory } from './loader/probes.js';
import { makeMemory } from './memory/LinearMemory.js';
import type { LinearMemory } from './memory/LinearMemory.js';
import type { Handle } from './memory/Storage.js';
import { opsOf } from './ops/opsOf.js';
import { tasksOf } from './threads/control.js';
import { Pool } from './threads/Pool.js';
import type { Kernels } from './threads/Pool.js';
import { hardwareThreads } from './threads/Thread.js';

/** How the wasm backend is made; every setting has a good default. */
export interface WasmBackendOptions {
  /**
   * Threads that compute, the calling one included. Default: one for each core, at most 8, where memory can be shared
   * (Node, or a cross-origin-isolated page); else 1.
   */
  readonly threads?: number;
  /**
   * Which build of the kernels to use. Default `'auto'`: the fastest that the engine has and that computes in a self-test what a
   * plainer one does. `'wide'`, in Node 24 or later on x64 with AVX2, joins vectors by an experimental feature of V8, which is on
   * for these kernels alone; so is relaxed SIMD in Node 20, for `'relaxed'`. `info.buildReason` says what was taken, and why.
   */
  readonly build?: Build | 'auto';
  /** The most bytes the memory may grow to. Default 4 GiB, which is also the most there can be. */
  readonly memoryLimit?: number;
  /**
   * Work that would take one thread less than this many nanoseconds is not shared out. Default 40,000, about what it costs to
   * wake another thread twice.
   */
  readonly parallelFrom?: number;
  /** Fills new storage with NaN, to find what reads memory before it is written; for tests. Default false. */
  readonly poison?: boolean;
}

const backendTable = optionTable<WasmBackendOptions>({
  threads: 'number',
  build: 'string',
  memoryLimit: 'number',
  parallelFrom: 'number',
  poison: 'boolean',
});

const largestMemory = 2 ** 32;
const mostDefaultThreads = 8;
const defaultParallelFrom = 40_000;

/** The opaque handle of this backend's tensors. */
export type WasmHandle = Handle;

interface Threading {
  readonly threads: number;
  readonly reason: string;
}

/**
 * Makes the CPU backend: WebAssembly SIMD kernels on f32 and i32, with threads where memory can be shared.
 * The caller owns it: `dispose()` ends its workers.
 * @throws ArgumentError for an option that makes no sense
 * @throws BackendError where the engine lacks what was asked for, or a worker does not start
 */
export async function createBackend(options: WasmBackendOptions = {}): Promise<Backend<WasmHandle>> {
  checkOptions('createBackend', options, backendTable);
  const threading = chooseThreads(options.threads);
  try {
    return await start(threading, options);
  } catch (error) {
    if (threading.threads === 1 || options.threads !== undefined) throw error;
    const single = { threads: 1, reason: withoutThreads((error as Error).message) };
    return start(single, options);
  }
}

async function start({ threads, reason }: Threading, options: WasmBackendOptions): Promise<Backend<WasmHandle>> {
  const shared = threads > 1;
  const memory = makeMemory(memoryLimitOf(options), shared);
  const loading = load(options.build ?? 'auto', memory, shared);
  const info = { build: '', buildReason: '', threads, threadsReason: reason, memoryLimit: memory.limit };
  const missing = (why: string): void => {
    info.threads--;
    info.threadsReason = withoutThreads(why);
  };
  const pool = shared ? await Pool.start(threads - 1, loading, options.threads === undefined ? missing : null) : null;
  const { build, reason: buildReason, instance } = await loading;
  Object.assign(info, { build, buildReason });
  const { parallelFrom = defaultParallelFrom, poison = false } = options;
  const engine = new Engine(instance, memory, { pool, threads, parallelFrom, poison });
  return {
    specificationVersion,
    name: 'wasm',
    capabilities: { dtypes: ['f32', 'i32'], syncRead: true, views: true, maxBufferBytes: memory.limit },
    info,
    ...opsOf(engine),
  };
}

const withoutThreads = (why: string): string => `threads did not start: ${why}`;

interface Loaded extends LoadedBuild, Kernels {
  readonly instance: WebAssembly.Instance;
}

async function load(asked: Build | 'auto', { memory }: LinearMemory, shared: boolean): Promise<Loaded> {
  const loaded = await loadBuild(asked, shared);
  const instance = await WebAssembly.instantiate(loaded.module, { env: { memory } });
  return { ...loaded, instance, memory, control: controlStart(instance), tasks: tasksOf(instance) };
}

function chooseThreads(asked: number | undefined): Threading {
  if (asked !== undefined && !(Number.isInteger(asked) && asked >= 1 && asked <= 64)) {
    throw new ArgumentError(`threads is ${asked}; it must be a whole number from 1 to 64.`);
  }
  if (asked === 1) return { threads: 1, reason: 'asked for' };
  const shares = hasSharedMemory();
  if (asked !== undefined) {
    if (shares) return { threads: asked, reason: 'asked for' };
    throw new BackendError(
      `${asked} threads were asked for, but memory cannot be shared here. In a browser, serve the page with the headers ` +
        'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or leave threads out.',
    );
  }
  if (!shares) {
    return {
      threads: 1,
      reason: 'memory cannot be shared: the page is not cross-origin isolated (COOP and COEP headers)',
    };
  }
  const cores = hardwareThreads();
  return { threads: Math.min(cores, mostDefaultThreads), reason: `the machine runs ${cores} at once` };
}

function memoryLimitOf({ memoryLimit = largestMemory }: WasmBackendOptions): number {
  if (!(memoryLimit >= 2 ** 22 && memoryLimit <= largestMemory)) {
    throw new ArgumentError(`memoryLimit is ${memoryLimit} bytes; it must lie between 4 MiB and 4 GiB.`);
  }
  return memoryLimit;
}
