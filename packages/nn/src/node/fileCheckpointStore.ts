import { checkOptions } from '@tempograd/core/backend';
import type { CheckpointStore } from '../fit/index.js';
import type { ReadOptions } from '../safetensors/index.js';
import { readTable } from '../safetensors/read.js';
import { absolutePath } from './absolutePath.js';
import { readSafetensorsFile, writeSafetensorsFile } from './safetensorsFile.js';

/**
 * Keeps the newest checkpoint as one safetensors file, written whole or not at all; `path` is from the folder that is the current
 * one now.
 */
export function fileCheckpointStore(path: string | URL, options: ReadOptions = {}): CheckpointStore {
  checkOptions('fileCheckpointStore', options, readTable);
  const file = absolutePath(path);
  return {
    save: (checkpoint) => writeSafetensorsFile(file, checkpoint),
    async load() {
      try {
        return await readSafetensorsFile(file, options);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
  };
}
