import type { StrategyChoice } from './Advice.js';
import { chunks, lengthsOf, windows, wordsOf } from './choices.js';

/** What fits, and what was given up for it. */
export interface Fitted {
  readonly choice: StrategyChoice;
  readonly batch: number;
  readonly reasons: readonly string[];
}

/** The fewest steps that a window is cut down to. */
const fewestSteps = 8;

/**
 * Makes a choice smaller until its planned peak fits the budget: fewer rows first, down to a quarter, since that costs no gradient; then
 * shorter windows; then fewer rows again.
 */
export async function withinBudget(
  wanted: { readonly choice: StrategyChoice; readonly batch: number },
  budget: number,
  bytesOf: (choice: StrategyChoice, batch: number) => Promise<number | null>,
): Promise<Fitted> {
  let { choice, batch } = wanted;
  let bytes = await bytesOf(choice, batch);
  const first = bytes;
  const fits = (): boolean => bytes !== null && bytes <= budget;
  const shrink = async (next: () => { choice: StrategyChoice; batch: number } | null): Promise<void> => {
    while (!fits()) {
      const smaller = next();
      if (smaller === null) return;
      ({ choice, batch } = smaller);
      bytes = await bytesOf(choice, batch);
    }
  };
  const fewerRows = (least: number) => () => (batch > least ? { choice, batch: Math.max(least, batch >> 1) } : null);
  await shrink(fewerRows(Math.max(1, wanted.batch >> 2)));
  await shrink(() => {
    const shorter = halved(choice);
    return shorter && { choice: shorter, batch };
  });
  await shrink(fewerRows(1));
  const had = `${megabytes(first)} planned for ${wordsOf(wanted.choice)} of ${rows(wanted.batch)}`;
  if (first !== null && first <= budget)
    return { choice, batch, reasons: [`${had} fits the budget of ${megabytes(budget)}.`] };
  const has = `${wordsOf(choice)} of ${rows(batch)} take ${megabytes(bytes)}`;
  if (!fits()) {
    return {
      choice,
      batch,
      reasons: [
        `${had} is over the budget of ${megabytes(budget)}, and so is the least there is: ${has}. The model is too large for it.`,
      ],
    };
  }
  return { choice, batch, reasons: [`${had} is over the budget of ${megabytes(budget)}; ${has}.`] };
}

/** Half as long; null where it is as short as it may be. */
function halved(choice: StrategyChoice): StrategyChoice | null {
  const { updateEvery, backwardSteps } = lengthsOf(choice);
  if (updateEvery === Infinity) return chunks(100);
  if (backwardSteps <= fewestSteps) return null;
  const back = Math.max(fewestSteps, backwardSteps >> 1);
  return updateEvery === backwardSteps ? chunks(back) : windows(Math.max(1, updateEvery >> 1), back);
}

function rows(batch: number): string {
  return batch === 1 ? 'one row' : `${batch} rows`;
}

function megabytes(bytes: number | null): string {
  if (bytes === null) return 'more than can be planned';
  return bytes < 1e6
    ? `${(bytes / 1e3).toFixed(1)} kB`
    : bytes < 1e9
      ? `${(bytes / 1e6).toFixed(1)} MB`
      : `${(bytes / 1e9).toFixed(2)} GB`;
}
