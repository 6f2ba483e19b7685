import { dirname, join } from 'node:path';
import type { TfjsCore } from '@tempograd/backend-tfjs';
import { Failure } from '../Failure.js';
import { NotInstalled, type BackendEntry, type BackendModule } from './BackendEntry.js';
import { defaultPlaces, finder, importFile } from './findPackage.js';

/** The adapter's packages; imported by what was found, since the command does not bring them. */
type Adapter = typeof import('@tempograd/backend-tfjs');
type Deviations = typeof import('@tempograd/backend-tfjs/deviations');

/** What is used of tfjs itself beside what the adapter uses. */
type Tfjs = TfjsCore & { setBackend(name: string): Promise<boolean>; enableProdMode(): void };

/**
 * The adapter over TensorFlow.js on one of its backends, where the user has it: `library` registers the tfjs backend `device`.
 * `places` are the folders whose packages count; by default the user's folder, and the command's own.
 */
export function tfjsEntry(
  name: string,
  device: string,
  library: string,
  places: readonly string[] = defaultPlaces,
): BackendEntry {
  const packages = ['@tempograd/backend-tfjs', '@tensorflow/tfjs-core', library];
  return {
    name,
    remedy: `npm install ${packages.join(' ')}`,
    async load(): Promise<BackendModule> {
      const find = finder(places, '@tensorflow/tfjs');
      if (packages.some((each) => find(each) === null)) throw new NotInstalled(`is not installed: ${this.remedy}`);
      const load = (each: string): Promise<unknown> => importFile(find(each) as string);
      const { tfjs } = (await load('@tempograd/backend-tfjs')) as Adapter;
      const { deviationsOf } = (await load('@tempograd/backend-tfjs/deviations')) as Deviations;
      const tf = (await load('@tensorflow/tfjs-core')) as Tfjs;
      // It would advise every user of Node to install tfjs-node.
      tf.enableProdMode();
      const registered = (await load(library)) as { setWasmPaths?(folder: string): void };
      registered.setWasmPaths?.(join(dirname(find(library) as string), '/'));
      return {
        deviations: deviationsOf(device),
        async createBackend() {
          if (!(await tf.setBackend(device))) throw new Failure(`does not start: tfjs refuses its backend ${device}`);
          return tfjs(tf);
        },
      };
    },
  };
}
