import type { Engine } from './Engine.js';
import { serve } from './serve.js';

/** Each engine in a module of its own, so that a worker loads one library only. */
const engines: Readonly<Record<string, (settings: string[]) => Promise<Engine>>> = {
  js: async () => (await import('./tempograd.js')).jsEngine(),
  wasm: async ([build, threads]) => (await import('./tempograd.js')).wasmEngine(build as 'simd', Number(threads)),
  webgpu: async () => (await import('./tempograd.js')).webgpuEngine(),
  tfjs: async ([backend]) => (await import('./tfjs.js')).tfjsEngine(backend as 'cpu' | 'wasm'),
  'tfjs-adapter': async ([backend]) => (await import('./tfjsAdapter.js')).tfjsAdapterEngine(backend as 'cpu' | 'wasm'),
  jax: async () => (await import('./jax.js')).jaxEngine(),
};

const [name = '', ...settings] = process.argv.slice(2);
const make = engines[name];
if (make === undefined) throw new Error(`There is no engine "${name}"; there are ${Object.keys(engines).join(', ')}.`);

// Standard output belongs to the protocol.
console.log = console.error;
console.info = console.error;
await serve(await make(settings));
process.exit();
