import { NotInstalled, type BackendEntry, type BackendModule } from './BackendEntry.js';
import { tfjsEntry } from './tfjsEntry.js';

const comesWithTheCommand = 'install @tempograd/cli again';
const onNode24 = 'run the command on Node 24 or later on x64';

/** The backends that the command knows, in the order in which it would take them. */
export const knownBackends: readonly BackendEntry[] = [
  { name: 'wasm', remedy: comesWithTheCommand, load: () => import('@tempograd/backend-wasm') },
  { name: 'js', remedy: comesWithTheCommand, load: () => import('@tempograd/backend-js') },
  tfjsEntry('tfjs-cpu', 'cpu', '@tensorflow/tfjs-backend-cpu'),
  tfjsEntry('tfjs-wasm', 'wasm', '@tensorflow/tfjs-backend-wasm'),
  tfjsEntry('tfjs-node', 'tensorflow', '@tensorflow/tfjs-node'),
  // Last, since it changes how all that comes after it is compiled.
  { name: 'wasm-wide', remedy: onNode24, load: loadWide },
];

/** The wasm backend with V8's experimental joining of vectors. */
async function loadWide(): Promise<BackendModule> {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 24 || process.arch !== 'x64') throw new NotInstalled(`is not installed: ${onNode24}`);
  const { createBackend } = await import('@tempograd/backend-wasm');
  return { createBackend: async () => ({ ...(await createBackend({ build: 'wide' })), name: 'wasm-wide' }) };
}
