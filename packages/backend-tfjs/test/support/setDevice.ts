import * as tf from '@tensorflow/tfjs-core';

/** By which flag a device hands small tensors to the CPU. */
const forwards: Readonly<Record<string, string>> = { webgl: 'WEBGL_CPU_FORWARD', webgpu: 'WEBGPU_CPU_FORWARD' };

/** Makes a backend of tfjs the active one, with all tensors on its device: small ones would be computed on the CPU, and it not be tested. */
export async function setDevice(device: string): Promise<void> {
  const flag = forwards[device];
  if (flag !== undefined) tf.env().set(flag, false);
  if (!(await tf.setBackend(device))) throw new Error(`tfjs cannot start its backend ${device} here.`);
}
