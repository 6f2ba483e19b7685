import { DataError } from '@tempograd/nn';
import { Failure } from '../Failure.js';
import { isSystemError } from '../writeReason.js';
import type { PatientStore, Unsaved } from './PatientStore.js';

/** The failure of a run whose text could not be read any more, if that is what ended it; else the error itself. */
export async function unreadText(cause: unknown, update: number, store: PatientStore): Promise<unknown> {
  if (!(cause instanceof DataError || isSystemError(cause))) return cause;
  const whole = await store.whatIsWhole('; with the text as it was, --resume goes on from there');
  return new Failure(
    `The training ended after update ${update}, since its text could not be read: ${cause.message} ${whole}`,
    { cause },
  );
}

/** What ends a sentence about a checkpoint that is whole. */
export const goOnHint = '; --resume goes on from there';

/** The failure of a run that ended with something not saved. */
export function lost(ended: string, { checkpoint, reason }: Unsaved, whatIsWhole: string): Failure {
  return new Failure(`${ended}, but ${checkpoint} could not be written: ${reason}. ${whatIsWhole}`);
}
