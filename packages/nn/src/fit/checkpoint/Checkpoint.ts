import type { Key } from '@tempograd/core';
import type { SafetensorsFile } from '../../safetensors/index.js';
import type { TrainingPosition } from '../TrainingPosition.js';
import { CheckpointError } from './CheckpointError.js';
import type { TreeJson } from './treeJson.js';

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

/** All of a run that is not tensors. */
export interface RunState {
  readonly version: 1;
  /** Updates taken. */
  readonly update: number;
  /** Sequences begun. */
  readonly sequence: number;
  readonly position: TrainingPosition;
  readonly key: Key;
  readonly strategy: {
    readonly name: string;
    readonly updateEvery: number | null;
    readonly backwardSteps: number | null;
  };
  readonly optimiser: { readonly name: string; readonly step: number };
  /** The strategy's run, where a sequence was under way. */
  readonly run: {
    /** Losses a step holds on average, from which the normaliser is made. */
    readonly itemsPerStep: number;
    /** Losses of a full update. */
    readonly fullSteps: number | null;
    readonly snapshot: {
      readonly position: number;
      readonly carry: TreeJson;
      readonly pending: TreeJson;
      readonly pieces: readonly {
        readonly from: number;
        readonly params: TreeJson;
        readonly carry: TreeJson;
        readonly stretch: TreeJson;
      }[];
    };
  } | null;
}

/** What a person or a program may want to know of a checkpoint. */
export interface CheckpointInfo {
  /** Updates taken. */
  readonly update: number;
  readonly position: TrainingPosition;
  /** What was given as `checkpoint.metadata`. */
  readonly metadata: Readonly<Record<string, string>>;
}

const stateName = 'tempograd.training';

/** What a checkpoint says of itself. @throws CheckpointError when it is not a checkpoint, or of another version. */
export function checkpointInfo(checkpoint: Checkpoint): CheckpointInfo {
  const { update, position } = readRunState(checkpoint);
  const { [stateName]: _state, ...metadata } = checkpoint.metadata;
  return { update, position, metadata };
}

/** The state as an entry of a checkpoint's metadata. */
export function writeRunState(state: RunState): Record<string, string> {
  return { [stateName]: JSON.stringify(state) };
}

/** @throws CheckpointError when the file is not a checkpoint, or of another version. */
export function readRunState(checkpoint: Checkpoint): RunState {
  const text = checkpoint.metadata[stateName];
  if (text === undefined) {
    throw new CheckpointError(
      'This safetensors file holds no training run: it may be a model alone. Train from its parameters anew: loadInto(params, file).',
    );
  }
  const state = JSON.parse(text) as RunState;
  if (state.version === 1) return state;
  throw new CheckpointError(
    `The checkpoint has version ${String(state.version)}, this @tempograd/nn reads version 1. Go on with the version that wrote it.`,
  );
}
