import { NotInstalled, type BackendEntry, type BackendModule } from './BackendEntry.js';
import { tfjsEntry } from './tfjsEntry.js';
import { webgpuEntry } from './webgpuEntry.js';

const comesWithTheCommand = 'install @tempograd/cli again';
const onNode24 = 'run the command on Node 24 or later on x64';

/** The backends that the command knows, in the order in which it would take them. */
export const knownBackends: readonly BackendEntry[] = [
  { name: 'wasm', remedy: comesWithTheCommand, load: () => import('@tempograd/backend-wasm') },
  { name: 'js', remedy: comesWithTheCommand, load: () => import('@tempograd/backend-js') },
  webgpuEntry(),
  tfjsEntry('tfjs-cpu', 'cpu', '@tensorflow/tfjs-backend-cpu'),
  tfjsEntry('tfjs-wasm', 'wasm', '@tensorflow/tfjs-backend-wasm'),
  tfjsEntry('tfjs-node', 'tensorflow', '@tensorflow/tfjs-node'),
  // Last, since in a Node newer than the backend knows it changes how all that comes after it is compiled.
  { name: 'wasm-wide', remedy: onNode24, load: loadWide },
];

/** The wasm backend with wide vectors asked for, which it takes by itself in every Node that it knows. */
async function loadWide(): Promise<BackendModule> {
  const { availableBuilds, createBackend } = await import('@tempograd/backend-wasm');
  if (!availableBuilds().includes('wide')) throw new NotInstalled(`is not installed: ${onNode24}`);
  return { createBackend: async () => ({ ...(await createBackend({ build: 'wide' })), name: 'wasm-wide' }) };
}
