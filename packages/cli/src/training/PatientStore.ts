import { dirname } from 'node:path';
import { checkpointInfo, type Checkpoint, type CheckpointStore } from '@tempograd/nn';
import { isSystemError, writeReason } from '../writeReason.js';

/** A checkpoint that could not be written. */
export interface Unsaved {
  readonly update: number;
  readonly checkpoint: string;
  /** Why, for people: the rest of a sentence. */
  readonly reason: string;
  /** The update after which the checkpoint is that stands there whole; null where there is none of this training. */
  readonly kept: number | null;
  /** Whether the one before failed for the same reason. */
  readonly again: boolean;
}

/** A store that lets the training go on when a checkpoint cannot be written: the next may be. */
export class PatientStore implements CheckpointStore {
  readonly #store: CheckpointStore;
  readonly #file: string;
  readonly #tell: { unsaved(unsaved: Unsaved): void; savedAgain(update: number): void };
  #kept: number | null;
  #unsaved: Unsaved | null = null;

  /** `kept` is the update after which the checkpoint is that stands in `file`, null where there is none of this training. */
  constructor(
    store: CheckpointStore,
    file: string,
    kept: number | null,
    tell: { unsaved(unsaved: Unsaved): void; savedAgain(update: number): void },
  ) {
    this.#store = store;
    this.#file = file;
    this.#kept = kept;
    this.#tell = tell;
  }

  /** What became of the latest checkpoint; null when it was written. */
  get unsaved(): Unsaved | null {
    return this.#unsaved;
  }

  /** What stands in the file by now, as a sentence, which goes on with `hint` if that is whole; it is read to be sure. */
  async whatIsWhole(hint: string = ''): Promise<string> {
    const found = await this.#store.load().then(
      (checkpoint) => checkpoint && checkpointInfo(checkpoint).update,
      () => null,
    );
    if (found === null || found !== this.#kept)
      return `There is no whole checkpoint of this training in ${this.#file}.`;
    return `The checkpoint ${this.#file} is whole and holds the training after update ${found}${hint}.`;
  }

  async save(checkpoint: Checkpoint): Promise<void> {
    const { update } = checkpointInfo(checkpoint);
    try {
      await this.#store.save(checkpoint);
    } catch (error) {
      // Anything else is a mistake in this program.
      if (!isSystemError(error)) throw error;
      const reason = writeReason(error, dirname(this.#file));
      const again = reason === this.#unsaved?.reason;
      this.#unsaved = { update, checkpoint: this.#file, reason, kept: this.#kept, again };
      this.#tell.unsaved(this.#unsaved);
      return;
    }
    if (this.#unsaved !== null) this.#tell.savedAgain(update);
    this.#unsaved = null;
    this.#kept = update;
  }

  load(): Promise<Checkpoint | null> {
    return this.#store.load();
  }
}
