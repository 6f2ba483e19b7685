import { TempogradError } from '@tempograd/core';

/** A checkpoint is damaged, of another version, or of another run than the one that shall go on from it; nothing was changed. */
export class CheckpointError extends TempogradError {}
