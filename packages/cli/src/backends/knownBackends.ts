import type { BackendEntry } from './BackendEntry.js';
import { tfjsEntry } from './tfjsEntry.js';
import { webgpuEntry } from './webgpuEntry.js';

const comesWithTheCommand = 'install @tempograd/cli again';

/** The backends that the command knows, in the order in which it would take them. */
export const knownBackends: readonly BackendEntry[] = [
  { name: 'wasm', remedy: comesWithTheCommand, load: () => import('@tempograd/backend-wasm') },
  { name: 'js', remedy: comesWithTheCommand, load: () => import('@tempograd/backend-js') },
  webgpuEntry(),
  tfjsEntry('tfjs-cpu', 'cpu', '@tensorflow/tfjs-backend-cpu'),
  tfjsEntry('tfjs-wasm', 'wasm', '@tensorflow/tfjs-backend-wasm'),
  tfjsEntry('tfjs-node', 'tensorflow', '@tensorflow/tfjs-node'),
];
