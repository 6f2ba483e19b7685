import { BackendError } from '@tempograd/core/backend';

/** What Dawn's module for Node exports. */
interface DawnModule {
  create(flags: string[]): GPU;
}

/**
 * A new root object of the package `webgpu`.
 * @throws BackendError where the package is missing, or has no build for this machine
 */
export async function loadDawn(): Promise<GPU> {
  // Not written where it is imported, so that bundlers for pages do not look for it.
  const name = 'webgpu';
  let module: DawnModule;
  try {
    module = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as DawnModule;
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
