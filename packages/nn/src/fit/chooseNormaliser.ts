import { ArgumentError, type StepRange, type Strategy } from '@tempograd/core';

/** What is known of an update and of its sequence when its gradient is there. */
export interface UpdateFacts {
  readonly strategy: Strategy;
  readonly lossSteps: StepRange;
  /** Losses of one step of all rows, where nothing is masked. */
  readonly stepLosses: number;
  /** Losses of the whole sequence, where the source told them. */
  readonly items: number | null;
  /** Whether the sequence has no other update. */
  readonly only: boolean;
}

/**
 * What the gradient of an update's summed loss is divided by; null for the count of its own losses. It must not depend on how a
 * sequence is cut into stretches, so that nothing is measured on one:
 *
 * - what the caller gave;
 * - the losses of the whole sequence, where the source tells them: at frozen parameters the gradients of its updates add up to that
 *   of its mean loss, but for losses that the strategy drops;
 * - an update that is the only one of its sequence: its own losses, to the same end;
 * - else the losses of a full update in which nothing is masked, `batch · updateEvery`; of a strategy that drops losses, those of the steps it keeps.
 */
export function chooseNormaliser(
  given: number | null,
  { strategy, lossSteps, stepLosses, items, only }: UpdateFacts,
): number | null {
  if (given !== null) return given;
  if (items !== null) return items;
  const { updateEvery, drops } = strategy;
  if (only || updateEvery === Infinity) return null;
  return stepLosses * (drops === null ? updateEvery : lossSteps.to - lossSteps.from);
}

/** @throws ArgumentError unless it is a number to divide by. */
export function checkNormaliser(normaliser: number | undefined): void {
  if (normaliser === undefined || (normaliser > 0 && Number.isFinite(normaliser))) return;
  throw new ArgumentError(
    `fit: normaliser divides the gradient of the summed loss and must be a finite number above 0, but is ${normaliser}.`,
  );
}
