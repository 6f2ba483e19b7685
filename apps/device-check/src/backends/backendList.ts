/** A backend as people choose it. */
export interface BackendAbout {
  /** By which workers know it. */
  readonly id: string;
  /** What it is, in a few words. */
  readonly about: string;
}

/** The backends that the page looks for, in the order in which they run: the fast ones first. */
export const backendList: readonly BackendAbout[] = [
  { id: 'webgpu', about: 'kernels on this GPU, by WebGPU' },
  { id: 'wasm', about: 'WebAssembly SIMD and threads' },
  { id: 'js', about: 'plain JavaScript, the reference' },
  { id: 'tfjs-webgpu', about: 'TensorFlow.js on its WebGPU' },
  { id: 'tfjs-webgl', about: 'TensorFlow.js on WebGL' },
  { id: 'tfjs-wasm', about: 'TensorFlow.js on its WebAssembly' },
  { id: 'tfjs-cpu', about: 'TensorFlow.js in JavaScript' },
];
