import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
// Registers all gradients, which the core alone does not, and the cpu backend.
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';

/** Makes a backend of TensorFlow.js the active one, and says what it found. */
export async function startTfjs(backend: 'cpu' | 'wasm'): Promise<Record<string, string>> {
  const details: Record<string, string> = {};
  if (backend === 'wasm') {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(join(dirname(entry), '/'));
    details['simd'] = String(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'));
    details['threads'] = String(await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT'));
  }
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs refused its ${backend} backend.`);
  await tf.ready();
  return details;
}
