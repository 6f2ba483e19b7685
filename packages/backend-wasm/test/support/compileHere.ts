import { availableBuilds, type Build } from '@tempograd/backend-wasm';
import { hasRelaxedSimd } from '../../src/loader/probes.js';
import { relaxedSimd } from '../../src/loader/recipes.js';
import { withFlags } from '../../src/loader/engineFlags.js';
import { built } from './built.js';

const { loadBuild } = await built<typeof import('../../src/loader/loadBuild.js')>('loader/loadBuild.js');

/** A build's bytes, with memory that is not shared. */
export async function bytesOf(build: Build): Promise<Uint8Array<ArrayBuffer>> {
  const { base64 } = await built<{ base64: string }>(`wasm/${build}.js`);
  return Uint8Array.from(Buffer.from(base64, 'base64'));
}

/** Runs what needs relaxed SIMD, in the Node that has it behind a flag, too. */
export function withRelaxedSimd<T>(run: () => T): T {
  return withFlags(hasRelaxedSimd() ? [] : [relaxedSimd], run);
}

/** Compiles bytes with relaxed SIMD. */
export function compileBytes(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  return withRelaxedSimd(() => new WebAssembly.Module(bytes));
}

/** A build as users have it where they can have it, else as this engine compiles it by itself. */
export async function compileHere(build: Build): Promise<WebAssembly.Module> {
  return availableBuilds().includes(build)
    ? (await loadBuild(build, false)).module
    : compileBytes(await bytesOf(build));
}
