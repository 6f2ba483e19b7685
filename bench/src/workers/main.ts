import type { Engine } from './Engine.js';
import { packageVersion } from '../columns/packageVersion.js';
import { serve } from './serve.js';
import type { TfjsBackend } from './startTfjs.js';

/** Each engine in a module of its own, so that a worker loads one library only. */
const engines: Readonly<Record<string, (settings: string[]) => Promise<Engine>>> = {
  js: async () => (await import('./tempograd.js')).jsEngine(),
  wasm: async ([build, threads]) => (await import('./tempograd.js')).wasmEngine(build as 'auto', Number(threads)),
  webgpu: async () => (await import('./tempograd.js')).webgpuEngine(),
  tfjs: async ([backend]) => {
    await prepareTfjs(backend as TfjsBackend);
    return (await import('./tfjs.js')).tfjsEngine(backend as TfjsBackend);
  },
  'tfjs-adapter': async ([backend]) => {
    await prepareTfjs(backend as TfjsBackend);
    return (await import('./tfjsAdapter.js')).tfjsAdapterEngine(backend as TfjsBackend);
  },
  jax: async ([device]) => {
    if (device === 'webgpu') await (await import('./giveWebGpu.js')).giveWebGpu();
    return (await import('./jax.js')).jaxEngine(device as 'wasm' | 'webgpu', packageVersion('@jax-js/jax'));
  },
};

/** Node lacks what the libraries look for. */
async function prepareTfjs(backend: TfjsBackend): Promise<void> {
  if (backend === 'wasm') (await import('./registerTfjsWasm.js')).registerTfjsWasm();
  if (backend === 'webgpu') await (await import('./giveWebGpu.js')).giveWebGpu();
}

const [name = '', ...settings] = process.argv.slice(2);
const make = engines[name];
if (make === undefined) throw new Error(`There is no engine "${name}"; there are ${Object.keys(engines).join(', ')}.`);

// Standard output belongs to the protocol.
console.log = console.error;
console.info = console.error;
await serve(await make(settings));
process.exit();
