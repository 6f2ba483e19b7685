import type { SafetensorsFile } from '../../safetensors/index.js';
import type { TrainingPosition } from '../TrainingPosition.js';
import { readRunState, stateName } from './RunState.js';

/**
 * A training run as it stands between two updates: parameters (`params.…`), the optimiser's state, the strategy's carry and
 * pieces, random key, position, and what the user wants to have beside them. Also the content of a safetensors file.
 */
export type Checkpoint = SafetensorsFile;

/** Where checkpoints are kept. One store holds one, the newest. */
export interface CheckpointStore {
  /** Replaces the one before as a whole; when that fails, the one before is still there. */
  save(checkpoint: Checkpoint): Promise<void>;
  /** The newest, or null when there is none. */
  load(): Promise<Checkpoint | null>;
}

/** A store in memory: for tests, for a page that keeps the bytes where it likes. */
export function memoryCheckpointStore(): CheckpointStore {
  let newest: Checkpoint | null = null;
  return {
    save(checkpoint) {
      newest = checkpoint;
      return Promise.resolve();
    },
    load: () => Promise.resolve(newest),
  };
}

/** What a person or a program may want to know of a checkpoint. */
export interface CheckpointInfo {
  /** Updates taken. */
  readonly update: number;
  readonly position: TrainingPosition;
  /** What was given as `checkpoint.metadata`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a checkpoint says of itself. @throws CheckpointError when it is not a checkpoint, damaged, or of another version. */
export function checkpointInfo(checkpoint: Checkpoint): CheckpointInfo {
  const { update, position } = readRunState(checkpoint);
  const { [stateName]: _state, ...metadata } = checkpoint.metadata;
  return { update, position, metadata };
}
