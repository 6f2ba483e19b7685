import { BackendError } from '@tempograd/core/backend';
import { loadDawn } from './loadDawn.js';

/** Where WebGPU was found. */
export interface FoundGpu {
  readonly gpu: GPU;
  readonly source: 'browser' | 'node';
}

/**
 * Dawn's root object, kept for the life of the process: collected while a device of its is in use, it takes the process down.
 */
let dawn: GPU | null = null;

/**
 * WebGPU of this page or worker, or that of the package `webgpu` in Node.
 * @throws BackendError that says what is missing, and how to get it
 */
export async function findGpu(): Promise<FoundGpu> {
  if (typeof navigator === 'object' && 'gpu' in navigator && navigator.gpu) {
    return { gpu: navigator.gpu, source: 'browser' };
  }
  if (typeof process === 'object' && process.versions?.node)
    return { gpu: (dawn ??= await loadDawn()), source: 'node' };
  throw new BackendError(
    'This browser has no WebGPU (navigator.gpu). A page has it only where it is served over https or from localhost; ' +
      'take a current Chrome, Edge, Firefox or Safari, or the wasm backend: @tempograd/backend-wasm.',
  );
}
