import { BackendError } from '@tempograd/core/backend';

/** Where WebGPU was found. */
export interface FoundGpu {
  readonly gpu: GPU;
  readonly source: 'browser' | 'node';
}

/** What Dawn's module for Node exports. */
interface DawnModule {
  create(flags: string[]): GPU;
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

async function loadDawn(): Promise<GPU> {
  // Not written where it is imported, so that bundlers for pages do not look for it.
  const name = 'webgpu';
  let module: DawnModule;
  try {
    module = (await import(/* @vite-ignore */ name)) as DawnModule;
  } catch (cause) {
    const absent = (cause as { code?: string }).code === 'ERR_MODULE_NOT_FOUND';
    throw new BackendError(
      absent
        ? 'WebGPU in Node comes with the package webgpu, which is not installed: npm install webgpu. ' +
            'Without a GPU take the wasm backend: @tempograd/backend-wasm.'
        : `The package webgpu is there but cannot be loaded: ${(cause as Error).message}. ` +
            'It has builds for x64 and arm64 of Linux, macOS and Windows; on Linux it needs glibc 2.35 or later.',
      { cause },
    );
  }
  return module.create([]);
}
