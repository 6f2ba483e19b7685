import type { WorkerStart } from './worker.js';

/** A worker, as Node and browsers both have it. */
export interface Thread {
  /** Whether it comes up even while the thread that made it is busy: a page's waits for that one's event loop. */
  readonly startsAlone: boolean;
  start(message: WorkerStart): void;
  /** Calls back once when it is ready, and once if it ends, with what happened. */
  listen(ready: () => void, ended: (reason: string) => void): void;
  /** Lets a Node process exit while the thread lives. */
  unref(): void;
  terminate(): void;
}

/** A new thread that runs worker.js: a worker of Node where that is what runs here, else one of the browser. */
export function makeThread(): Thread {
  const node = globalThis.process?.getBuiltinModule?.('node:worker_threads');
  return node === undefined ? browserThread() : nodeThread(node.Worker);
}

/** How many threads the machine can run at once. */
export function hardwareThreads(): number {
  const os = globalThis.process?.getBuiltinModule?.('node:os');
  return os?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}

function nodeThread(NodeWorker: typeof import('node:worker_threads').Worker): Thread {
  // Flags of the process, such as --input-type, would be taken for the worker's.
  const worker = new NodeWorker(new URL('./worker.js', import.meta.url), { execArgv: [] });
  return {
    startsAlone: true,
    start: (message) => worker.postMessage(message),
    listen(ready, ended) {
      worker.once('message', ready);
      worker.once('error', (error: unknown) => ended(String(error)));
      worker.once('exit', (code) => ended(`it exited with code ${code}`));
    },
    unref: () => worker.unref(),
    terminate: () => void worker.terminate(),
  };
}

function browserThread(): Thread {
  // This exact form is what bundlers look for.
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  return {
    startsAlone: false,
    start: (message) => worker.postMessage(message),
    listen(ready, ended) {
      worker.addEventListener('message', ready, { once: true });
      worker.addEventListener('error', (event) => ended(event.message || 'its script could not be loaded or failed'));
    },
    unref: () => {},
    terminate: () => worker.terminate(),
  };
}
