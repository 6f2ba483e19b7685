import { answering } from './answering.js';
import type { ColumnFacts, Engine } from './Engine.js';
import type { Reply, Request } from './protocol.js';
import type { TfjsBackend } from './startTfjs.js';

/** Each engine in a module of its own, so that a page loads one library only. */
const engines: Readonly<Record<string, (settings: readonly string[]) => Promise<Engine>>> = {
  webgpu: async () => (await import('./tempograd.js')).webgpuEngine(),
  tfjs: async ([backend]) => (await import('./tfjs.js')).tfjsEngine(backend as TfjsBackend),
  jax: async ([device, version = '']) => (await import('./jax.js')).jaxEngine(device as 'webgpu', version),
};

/** What whoever opened this page calls. */
export interface BenchPage {
  /** Must come first. */
  start(engine: string, settings: readonly string[]): Promise<ColumnFacts>;
  answer(asked: Request): Promise<Reply>;
}

let answer: ((asked: Request) => Promise<Reply>) | null = null;
const page: BenchPage = {
  async start(name, settings) {
    const engine = await (engines[name] as (typeof engines)[string])(settings);
    answer = answering(engine);
    return engine.facts;
  },
  answer: async (asked) => (answer === null ? { error: 'The page was not started.' } : answer(asked)),
};
Object.assign(globalThis, { bench: page });
