import { BackendError } from '@tempograd/core/backend';
import type { Build } from './builds.js';

// Each import is a literal, so that bundlers see it and make a chunk of its own.
const builds = {
  simd: () => import('../wasm/simd.js'),
  relaxed: () => import('../wasm/relaxed.js'),
  wide: () => import('../wasm/wide.js'),
} as const;

/** The end of the memory's entry in the import section: its name, and that it is a memory; its flags follow. */
const memoryImport = [6, ...new TextEncoder().encode('memory'), 2];
const hasMaximum = 1;
const isShared = 2;

/** Loads one build, for shared memory or not; the others are not loaded. */
export async function kernelBytes(build: Build, shared: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const { base64 } = await builds[build]();
  const bytes = bytesOf(base64);
  bytes[memoryFlags(bytes)] = shared ? hasMaximum | isShared : hasMaximum;
  return bytes;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const node = globalThis.process?.getBuiltinModule?.('node:buffer');
  if (node !== undefined) return node.Buffer.from(base64, 'base64');
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  // Milliseconds, since nothing has optimised it yet; several times as long by Uint8Array.from.
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Where a build says whether its memory is shared: the only difference between a build with threads and one without. */
function memoryFlags(bytes: Uint8Array): number {
  const at = bytes.findIndex((_, start) => memoryImport.every((byte, i) => bytes[start + i] === byte));
  if (at < 0)
    throw new BackendError('The kernels of the wasm backend import no memory: this build of the package is broken.');
  return at + memoryImport.length;
}
