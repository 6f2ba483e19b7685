// A thread of the pool: takes one message with the module and the memory, then serves tasks until it is terminated.

import { controlBytes, sequence, sleepers, tasksOf, watch } from './control.js';
import { runParts } from './runParts.js';
import { restWithin } from './steps.js';

/** What the pool sends to start a worker. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: number;
}

/** The part of a message port that is used, as Node and browsers have it. */
interface Port {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { data: WorkerStart }) => void, options: { once: true }): void;
  start?(): void;
}

const node = globalThis.process?.getBuiltinModule?.('node:worker_threads');
const port = (node?.parentPort ?? globalThis) as unknown as Port;

async function serve({ module, memory, control }: WorkerStart): Promise<void> {
  const tasks = tasksOf(await WebAssembly.instantiate(module, { env: { memory } }));
  const words = new Int32Array(memory.buffer, control, controlBytes / 4);
  const rest = (count: number): void => restWithin(words, count);
  let seen = Atomics.load(words, sequence);
  port.postMessage('ready');
  for (;;) {
    runParts(tasks, words, rest);
    awaitTask(words, seen);
    seen = Atomics.load(words, sequence);
  }
}

/** Returns when the sequence number is no longer `seen`: watches it for a while, then sleeps. */
function awaitTask(words: Int32Array, seen: number): void {
  if (watch(words, sequence, seen)) return;
  Atomics.add(words, sleepers, 1);
  Atomics.wait(words, sequence, seen);
  Atomics.sub(words, sleepers, 1);
}

port.addEventListener('message', (event) => void serve(event.data), { once: true });
port.start?.();
