import { TempogradError } from '@tempograd/core';

/** A checkpoint is damaged, of another version, or of another run than the one that shall go on from it; nothing was changed. */
export class CheckpointError extends TempogradError {
  override name = 'CheckpointError';
}

/** The error for a part of a checkpoint that is not as it must be. */
export function damagedAt(path: string, what: string, cause?: unknown): CheckpointError {
  return new CheckpointError(
    `The checkpoint is damaged: at "${path.slice(0, 200)}", ${what}. ` +
      'Take another copy, or start anew from its parameters: loadInto(params, checkpoint, { prefix: "params." }).',
    cause === undefined ? undefined : { cause },
  );
}

/** The error for a part of a checkpoint that is whole, and not of this task or data. */
export function misfitAt(path: string, what: string, cause?: unknown): CheckpointError {
  return new CheckpointError(
    `The checkpoint does not fit the task or the data: at "${path.slice(0, 200)}", ${what}. ` +
      'Give the same data with the same batch, or start anew from its parameters: loadInto(params, checkpoint, { prefix: "params." }).',
    cause === undefined ? undefined : { cause },
  );
}
