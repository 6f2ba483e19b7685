import { findGpu } from '../../src/device/findGpu.js';

/** Whether the adapter that backends of tests run on has f16: lavapipe and GPUs do, SwiftShader does not. */
export async function hasF16(): Promise<boolean> {
  const { gpu } = await findGpu();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  return adapter?.features.has('shader-f16') ?? false;
}
