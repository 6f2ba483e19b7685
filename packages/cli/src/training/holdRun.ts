import { dirname } from 'node:path';
import { FileLockedError, lockFile } from '@tempograd/nn/node';
import { Failure } from '../Failure.js';
import { writeReason } from '../writeReason.js';

/**
 * Holds a run's checkpoint until this process ends, so that no second training writes to the same files; by `force` also when
 * another holds it.
 * @throws Failure naming the process that does.
 */
export async function holdRun(checkpoint: string, force: boolean): Promise<void> {
  try {
    await lockFile(checkpoint, { force });
  } catch (cause) {
    if (!(cause instanceof FileLockedError)) {
      throw new Failure(`${checkpoint} cannot be written: ${writeReason(cause, dirname(checkpoint))}.`, { cause });
    }
    const { holder } = cause;
    const who =
      holder === null ? 'it starts just now' : `process ${holder.pid} on ${holder.host}, since ${holder.since}`;
    throw new Failure(
      `Another training writes to ${checkpoint}: ${who}. Stop it first, or choose another place with --save. ` +
        'If you know that it has ended, --force takes its place.',
      { cause },
    );
  }
}
