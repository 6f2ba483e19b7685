import { ArgumentError } from '@tempograd/core';

/** @throws ArgumentError with a message about a setting, unless it holds. */
export function refuseUnless(holds: boolean, message: string): void {
  if (!holds) throw new ArgumentError(`sequenceModel: ${message}`);
}
