import type { CheckpointStore } from '../fit/index.js';
import type { ReadOptions } from '../safetensors/index.js';
import { readSafetensorsFile, writeSafetensorsFile } from './safetensorsFile.js';

/** Keeps the newest checkpoint as one safetensors file, written whole or not at all. */
export function fileCheckpointStore(path: string | URL, options?: ReadOptions): CheckpointStore {
  return {
    save: (checkpoint) => writeSafetensorsFile(path, checkpoint),
    async load() {
      try {
        return await readSafetensorsFile(path, options);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
  };
}
