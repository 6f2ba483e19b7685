import { findGpu } from '../../src/device/findGpu.js';

/** A device of the test's own. */
export async function openDevice(): Promise<GPUDevice> {
  const { gpu } = await findGpu();
  const adapter = await gpu.requestAdapter();
  if (adapter === null) throw new Error('There is no adapter.');
  return adapter.requestDevice();
}
