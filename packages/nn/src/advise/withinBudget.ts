import type { MemoryPlan } from '../memory/index.js';
import type { StrategyChoice } from './Advice.js';
import { chunks, isCheckpointed, lengthsOf, withCheckpoints, wordsOf } from './choices.js';

/** What fits, and what was given up for it. */
export interface Fitted {
  readonly choice: StrategyChoice;
  readonly batch: number;
  readonly reasons: readonly string[];
}

/** The fewest steps that a window is cut down to. */
const fewestSteps = 8;
/** What whole sequences are cut into, first. */
const longestChunk = 128;

/** The share of what is left for states that checkpoints are given. */
const shareForStates = 0.95;

type PlanOf = (choice: StrategyChoice, batch: number) => Promise<MemoryPlan | null>;

/**
 * Makes a choice smaller until its planned peak fits the budget. First states are stored within it and the rest is run again, which costs
 * time and no gradient; then windows do not overlap, which hold parameters of earlier updates; then there are fewer rows, down to a
 * quarter; then shorter chunks; then fewer rows again.
 */
export async function withinBudget(
  wanted: { readonly choice: StrategyChoice; readonly batch: number },
  budget: number,
  planOf: PlanOf,
): Promise<Fitted> {
  const tried = async (choice: StrategyChoice, batch: number): Promise<Tried> => {
    const plan = await planOf(choice, batch);
    if (plan === null || plan.peakBytes <= budget) return { choice, batch, bytes: plan?.peakBytes ?? null };
    const states = Math.floor(shareForStates * (budget - fixedBytes(plan)));
    if (states > 0) {
      const checkpointed = withCheckpoints(choice, states);
      const bytes = (await planOf(checkpointed, batch))?.peakBytes ?? Infinity;
      if (bytes <= budget) return { choice: checkpointed, batch, bytes };
    }
    return { choice, batch, bytes: plan.peakBytes };
  };
  const first = (await planOf(wanted.choice, wanted.batch))?.peakBytes ?? null;
  let { choice, batch } = wanted;
  let found = await tried(choice, batch);
  const fits = (): boolean => found.bytes !== null && found.bytes <= budget;
  const shrink = async (next: () => { choice: StrategyChoice; batch: number } | null): Promise<void> => {
    while (!fits()) {
      const smaller = next();
      if (smaller === null) return;
      ({ choice, batch } = smaller);
      found = await tried(choice, batch);
    }
  };
  const { updateEvery, backwardSteps } = lengthsOf(choice);
  let overlaps = backwardSteps > updateEvery;
  await shrink(() => {
    if (!overlaps) return null;
    overlaps = false;
    return { choice: chunks(backwardSteps), batch };
  });
  const fewerRows = (least: number) => () => (batch > least ? { choice, batch: Math.max(least, batch >> 1) } : null);
  await shrink(fewerRows(Math.max(1, wanted.batch >> 2)));
  await shrink(() => {
    const shorter = halved(choice);
    return shorter && { choice: shorter, batch };
  });
  await shrink(fewerRows(1));
  return { choice: found.choice, batch: found.batch, reasons: [reasonFor(wanted, first, found, budget)] };
}

interface Tried {
  readonly choice: StrategyChoice;
  readonly batch: number;
  readonly bytes: number | null;
}

/** What does not become less by storing fewer states. */
function fixedBytes({ parts: { parameters, optimiser, kept, data } }: MemoryPlan): number {
  return parameters + optimiser + kept + data;
}

function reasonFor(
  wanted: { readonly choice: StrategyChoice; readonly batch: number },
  first: number | null,
  { choice, batch, bytes }: Tried,
  budget: number,
): string {
  const had = `${megabytes(first)} planned for ${wordsOf(wanted.choice)} of ${rows(wanted.batch)}`;
  if (first !== null && first <= budget) return `${had} fits the budget of ${megabytes(budget)}.`;
  const has = `${wordsOf(choice)} of ${rows(batch)} take ${megabytes(bytes)}`;
  if (bytes === null || bytes > budget)
    return `${had} is over the budget of ${megabytes(budget)}, and so is the least there is: ${has}. The model is too large for it.`;
  const again = isCheckpointed(choice)
    ? ' Checkpoints keep some states and run the rest again: the gradient is the same, and it takes about a third longer.'
    : '';
  return `${had} is over the budget of ${megabytes(budget)}; ${has}.${again}`;
}

/** Half as long; null where it is as short as it may be. */
function halved(choice: StrategyChoice): StrategyChoice | null {
  const { backwardSteps } = lengthsOf(choice);
  if (backwardSteps === Infinity) return chunks(longestChunk);
  return backwardSteps <= fewestSteps ? null : chunks(Math.max(fewestSteps, backwardSteps >> 1));
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
