// Registers all gradients, which the core alone does not, and the cpu and webgl backends.
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { adapterName } from './adapterName.js';

/** Backends of TensorFlow.js: `webgl` in browsers only; `wasm` must be registered before. */
export type TfjsBackend = 'cpu' | 'wasm' | 'webgl' | 'webgpu';

/** Makes a backend of TensorFlow.js the active one, and says what it found. */
export async function startTfjs(backend: TfjsBackend): Promise<Record<string, string>> {
  const details: Record<string, string> = {};
  if (backend === 'wasm') {
    details['simd'] = String(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'));
    details['threads'] = String(await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT'));
  }
  if (backend === 'webgpu') {
    details['adapter'] = await adapterName();
    await import('@tensorflow/tfjs-backend-webgpu');
  }
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs refused its ${backend} backend.`);
  await tf.ready();
  if (backend === 'webgl') details['renderer'] = rendererName();
  return details;
}

function rendererName(): string {
  const gl = document.createElement('canvas').getContext('webgl2');
  const extension = gl?.getExtension('WEBGL_debug_renderer_info');
  return extension ? String(gl?.getParameter(extension.UNMASKED_RENDERER_WEBGL)) : 'unknown';
}
