import { Absent } from './Absent.js';
import type { Opener } from './Opener.js';

/** By which flag a device hands small tensors to the CPU, where they would tell nothing of the device. */
const forwards: Readonly<Record<string, string>> = { webgl: 'WEBGL_CPU_FORWARD', webgpu: 'WEBGPU_CPU_FORWARD' };

/**
 * TensorFlow.js on one of its devices: `register` loads the code for it, `problem` says what the browser lacks. With the flags
 * of tfjs as they are when it trains, but that all tensors stay on the device.
 */
export function tfjsOpener(
  device: string,
  register: () => Promise<unknown>,
  problem: () => Promise<string | null> = async () => null,
): Opener {
  return async () => {
    const missing = await problem();
    if (missing !== null) throw new Absent(missing);
    const [tf, { tfjs }, { deviationsOf }] = await Promise.all([
      import('@tensorflow/tfjs-core'),
      import('@tempograd/backend-tfjs'),
      import('@tempograd/backend-tfjs/deviations'),
    ]);
    await register();
    tf.enableProdMode();
    // Its threads start from a function's text, which does not survive a bundler: it computes on one.
    if (device === 'wasm') tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    const flag = forwards[device];
    if (flag !== undefined) tf.env().set(flag, false);
    if (!(await tf.setBackend(device))) {
      throw new Absent(`TensorFlow.js cannot start its backend ${device} in this browser.`);
    }
    return { backend: tfjs(tf), deviations: deviationsOf(device) };
  };
}
