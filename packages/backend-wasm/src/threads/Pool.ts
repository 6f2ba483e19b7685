import { BackendError } from '@tempograd/core/backend';
import {
  controlBytes,
  departed,
  done,
  failed,
  sequence,
  sleepers,
  taskArgs,
  taskBlock,
  taskBlocks,
  taskBlockStride,
  taskKernel,
  taskParts,
  taskScratch,
  taskScratchStride,
  unclaimed,
  watch,
} from './control.js';
import type { Task } from './control.js';
import { runParts } from './runParts.js';
import { prepareSteps, restWithin } from './steps.js';
import { makeThread } from './Thread.js';
import type { Thread } from './Thread.js';
import type { WorkerStart } from './worker.js';

const startLimit = 30_000;
/** The least time, in ms, that a part may take before its worker counts as lost, and how often longer than the caller's own. */
const taskLimit = 10_000;
const taskLimitFactor = 20;

/** Blocks of arguments in the kernels' memory: address of the first, bytes from each to the next one, and how many there are. */
export interface ArgumentBlocks {
  readonly at: number;
  readonly stride: number;
  readonly count: number;
}

/** What threads run, and where. */
export interface Kernels extends WorkerStart {
  readonly tasks: readonly Task[];
}

/** Why threads cannot go on; null while they can. */
interface Fate {
  lost: string | null;
}

/** Threads that share the kernels' memory and run parts of one task at a time, together with the caller. */
export class Pool {
  readonly #threads: readonly Thread[];
  readonly #fate: Fate;
  readonly #words: Int32Array;
  readonly #own: ArgumentBlocks;
  readonly #tasks: readonly Task[];
  readonly #mayBlock: boolean;

  private constructor(threads: readonly Thread[], fate: Fate, { memory, control, tasks }: Kernels) {
    this.#threads = threads;
    this.#fate = fate;
    this.#words = new Int32Array(memory.buffer, control, controlBytes / 4);
    this.#own = { at: control + taskArgs * 4, stride: 0, count: 1 };
    this.#tasks = tasks;
    this.#mayBlock = mayBlock(this.#words);
  }

  /**
   * Starts `workers` threads, which come up while the kernels are loaded. Resolves when all are ready; with `missing`, where threads come
   * up alone, as soon as there are kernels: whoever is late is done without, and `missing` is told why one never comes.
   * @throws BackendError where one does not start, or what loading throws; none is left running then, and nothing loading
   */
  static async start(
    workers: number,
    loading: Promise<Kernels>,
    missing: ((reason: string) => void) | null = null,
  ): Promise<Pool> {
    const threads: Thread[] = [];
    try {
      for (let i = 0; i < workers; i++) threads.push(makeThread());
      const fate: Fate = { lost: null };
      const waits = missing === null || !threads.every(({ startsAlone }) => startsAlone);
      const ready = threads.map((thread, i) => readiness(thread, i + 1, fate));
      const kernels = await loading;
      const { module, memory, control } = kernels;
      for (const thread of threads) thread.start({ module, memory, control });
      if (waits) await Promise.all(ready.map((each, i) => withinLimit(each, i + 1)));
      else doWithout(threads, ready, (reason) => fate.lost ?? missing(reason));
      return new Pool(threads, fate, kernels);
    } catch (error) {
      for (const thread of threads) thread.terminate();
      await loading.catch(() => undefined);
      throw error;
    }
  }

  /**
   * Runs `parts` parts of kernel number `kernel` on all threads, each on all blocks of arguments, which are filled in already; by
   * default on the one of this region. Where `steps` is not 0, all parts of a step are done before the next one's begin; there are
   * no more parts than threads then.
   * @throws BackendError where a worker has ended, does not finish, or a part trapped
   */
  run(
    kernel: number,
    parts: number,
    scratch: number,
    scratchStride: number,
    { at, stride, count }: ArgumentBlocks = this.#own,
    steps = 0,
  ): void {
    if (this.#fate.lost !== null)
      throw new BackendError(`${this.#fate.lost} Dispose of the backend and make a new one.`);
    const words = this.#words;
    const started = performance.now();
    words[taskKernel] = kernel;
    words[taskParts] = parts;
    words[taskScratch] = scratch;
    words[taskScratchStride] = scratchStride;
    words[taskBlock] = at;
    words[taskBlockStride] = stride;
    words[taskBlocks] = count;
    prepareSteps(words, parts, steps);
    Atomics.store(words, done, 0);
    Atomics.store(words, unclaimed, parts);
    Atomics.add(words, sequence, 1);
    if (Atomics.load(words, sleepers) > 0) Atomics.notify(words, sequence, parts - 1);
    const limit = this.#limitSince(started);
    runParts(this.#tasks, words, (seen) => {
      if (this.#mayBlock) restWithin(words, seen);
      limit();
    });
    this.#await(steps > 0 ? departed : done, parts, limit);
    if (Atomics.exchange(words, failed, 0) === 1) {
      throw new BackendError(`Kernel number ${kernel} trapped; this is a fault of the wasm backend, please report it.`);
    }
  }

  /** Watches a count for a while, then sleeps where that is allowed, for a limited time. */
  #await(word: number, parts: number, limit: () => void): void {
    const words = this.#words;
    for (let count = Atomics.load(words, word); count !== parts; count = Atomics.load(words, word)) {
      if (watch(words, word, count)) continue;
      if (this.#mayBlock) Atomics.wait(words, word, count, 100);
      if (Atomics.load(words, word) === count) limit();
    }
  }

  /** To be called again and again where nothing comes of a task that was started then: throws when that has gone on for too long. */
  #limitSince(started: number): () => void {
    let deadline = 0;
    return () => {
      const now = performance.now();
      deadline ||= now + Math.max(taskLimit, (now - started) * taskLimitFactor);
      if (now <= deadline) return;
      this.#fate.lost = `A worker of the wasm backend took a task and has not finished it in ${Math.round(now - started)} ms.`;
      throw new BackendError(`${this.#fate.lost} Dispose of the backend and make a new one.`);
    };
  }

  /** Ends the threads. */
  dispose(): void {
    this.#fate.lost = 'The backend was disposed of.';
    for (const thread of this.#threads) thread.terminate();
  }
}

/** Lets threads come up when they do, and a Node process exit before; `missing` is told why one does not. */
function doWithout(
  threads: readonly Thread[],
  ready: readonly Promise<void>[],
  missing: (reason: string) => void,
): void {
  for (const thread of threads) thread.unref();
  for (const each of ready) each.catch((error: unknown) => missing((error as Error).message));
}

/** Resolves when a thread is ready; rejects where it ends first, and notes when it ends later, with parts that it may have taken. */
function readiness(thread: Thread, number: number, fate: Fate): Promise<void> {
  const ready = new Promise<void>((resolve, reject) => {
    let isReady = false;
    thread.listen(
      () => {
        isReady = true;
        thread.unref();
        resolve();
      },
      (reason) => {
        if (isReady) fate.lost ??= `Worker ${number} of the wasm backend ended: ${reason}.`;
        reject(didNotStart(number, reason));
      },
    );
  });
  // Nobody may have asked for it yet when it rejects.
  ready.catch(() => undefined);
  return ready;
}

/** As `ready`, for a limited time. */
async function withinLimit(ready: Promise<void>, number: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    const fail = (): void => reject(didNotStart(number, `it said nothing for ${startLimit / 1000} s`));
    timer = setTimeout(fail, startLimit);
  });
  try {
    await Promise.race([ready, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function didNotStart(number: number, reason: string): BackendError {
  return new BackendError(`Worker ${number} of the wasm backend did not start: ${reason}.`);
}

/** Whether this thread is allowed to sleep on shared memory; the main thread of a page is not. */
function mayBlock(words: Int32Array): boolean {
  try {
    Atomics.wait(words, done, -1, 0);
    return true;
  } catch {
    return false;
  }
}
