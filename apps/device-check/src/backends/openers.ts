import { createBackend as createReference } from '@tempograd/backend-js';
import { Absent } from './Absent.js';
import type { Opener } from './Opener.js';
import { tfjsOpener } from './tfjsOpener.js';
import { webGlProblem, webGpuProblem } from './whatIsMissing.js';

/** How each backend of the list starts; its code is loaded when it is asked for. */
export const openers: Readonly<Record<string, Opener>> = {
  async webgpu() {
    const missing = await webGpuProblem();
    if (missing !== null) throw new Absent(missing);
    const { createBackend } = await import('@tempograd/backend-webgpu');
    return { backend: await createBackend(), deviations: [] };
  },
  async wasm() {
    const { availableBuilds, createBackend } = await import('@tempograd/backend-wasm');
    if (availableBuilds().length === 0) {
      throw new Absent('This browser has no WebAssembly SIMD. Every current browser has it: update yours.');
    }
    return { backend: await createBackend(), deviations: [] };
  },
  // Always loaded: it is the oracle, too.
  js: async () => ({ backend: createReference(), deviations: [] }),
  'tfjs-webgpu': tfjsOpener('webgpu', () => import('@tensorflow/tfjs-backend-webgpu'), webGpuProblem),
  'tfjs-webgl': tfjsOpener('webgl', () => import('@tensorflow/tfjs-backend-webgl'), webGlProblem),
  'tfjs-wasm': tfjsOpener('wasm', () => import('./tfjsWasm.js')),
  'tfjs-cpu': tfjsOpener('cpu', () => import('@tensorflow/tfjs-backend-cpu')),
};
