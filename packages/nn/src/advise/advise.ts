import { disposeTree } from '@tempograd/core';
import { adam } from '../optim/index.js';
import type { Advice, ChoiceCost, MeasuredDecay, StrategyChoice } from './Advice.js';
import { checkAdviseOptions, type AdviseOptions } from './AdviseOptions.js';
import { cellAdvice } from './cellAdvice.js';
import { chunks, lengthsOf, strategyOf, windows, wordsOf, workOf } from './choices.js';
import { canBeWhole, lookAt, measuredSeconds, planOf, type Looked, type Planned } from './costs.js';
import { fewestSteps, fewestStepsOf, keptShare, reachesBeyond, shortestChunk } from './keptShare.js';
import { measureDecay, trainedCopy, type Pilot } from './measureDecay.js';
import { counted, ruleFor, type Description, type Ruled } from './rules.js';
import { withinBudget } from './withinBudget.js';

/** Steps back that are looked at, where the task is not known to need more. */
const lagsMeasured = 200;
/** Chunks that are advised have no fewer steps, whatever was measured. */
const shortestAdvised = 10;
/** Steps of a chunk where whole sequences are advised and the data has them in parts. */
const longestPilotChunk = 100;

/**
 * Advises what to train a task with: the method, its lengths, the cell and how it starts, each with its reason, what it costs, and
 * what else could be done.
 *
 * By rules of thumb, where there is nothing but a description: whole sequences below 50 steps, 20 to 50 steps back below 500, 50 to
 * 100 beyond, or what is usual for the task. With `model` and `params` the memory of each choice is planned, and a `memoryBudget` is held
 * to. With `data`, too, the length is measured instead: a copy of the parameters is trained for a while, and the fewest steps
 * are taken with which a loss keeps a `share` of its gradient, `Σ_{k<K} ‖G[s][s−k]‖² ≥ share · Σ_k ‖G[s][s−k]‖²`, in chunks of 10 at
 * least; and each choice is run for a few updates, to tell how long a step takes. `params` stay as they are.
 *
 * @throws ArgumentError when options make no sense, or lack others; DataError when the data gives nothing.
 */
export async function advise<P, C, S, O>(options: AdviseOptions<P, C, S, O>): Promise<Advice> {
  checkAdviseOptions(options as AdviseOptions<never, never, never, never>);
  const description: Description = {
    task: options.task ?? null,
    sequenceLength: options.sequenceLength ?? null,
    horizon: options.horizon ?? null,
    longestDependency: options.longestDependency ?? null,
    orderMatters: options.orderMatters ?? true,
  };
  const planned = plannedOf(options);
  const pilot: Pilot<P, C, S, O> | null = planned?.data ? { ...planned, data: planned.data } : null;
  const looked = pilot === null ? null : await lookAt(pilot.data, pilot.params);
  let ruled = withInterval(ruleFor(description), options.updateEvery);
  const measured = pilot === null ? null : await decayOf(pilot, pilotStrategy(ruled.choice, looked, options), options);
  if (measured !== null) ruled = byDecay(measured, ruled, options);
  const reasons = [...ruled.reasons];
  let { choice } = ruled;
  let batch = planned === null ? null : (options.batch ?? looked?.rows ?? 1);
  if (planned !== null && batch !== null && options.memoryBudget !== undefined) {
    const fitted = await withinBudget({ choice, batch }, options.memoryBudget, (each, rows) =>
      planOf(planned, each, rows),
    );
    ({ choice, batch } = fitted);
    reasons.push(...fitted.reasons);
  }
  const costOf = async (each: StrategyChoice): Promise<ChoiceCost> => ({
    choice: each,
    what: wordsOf(each),
    work: workOf(each),
    batch,
    bytes: planned === null || batch === null ? null : ((await planOf(planned, each, batch))?.peakBytes ?? null),
    secondsPerStep: pilot === null || !canBeTried(each, looked) ? null : await measuredSeconds(pilot, each),
    keptShare: measured === null ? null : keptShare(measured.byLag, lengthsOf(each)),
  });
  const { cell, initialisation, pooling, reasons: cellReasons } = cellAdvice(description, choice);
  const cost = await costOf(choice);
  const alternatives: ChoiceCost[] = [];
  for (const other of othersThan(choice, measured?.steps ?? null, description.sequenceLength ?? Infinity))
    alternatives.push(await costOf(other));
  return {
    strategy: strategyOf(choice),
    choice,
    batch,
    cell,
    initialisation,
    pooling,
    reasons: [...reasons, ...cellReasons],
    cost,
    alternatives,
    measured,
  };
}

function plannedOf<P, C, S, O>(options: AdviseOptions<P, C, S, O>): Planned<P, C, S, O> | null {
  const { model, params, data = null, health = null } = options;
  const { optimiser: given = adam({ learningRate: 1e-3 }), clip = { norm: 1 } } = options;
  if (model === undefined || params === undefined) return null;
  // A schedule that watches a training is not shown those that are tried here.
  const optimiser = { ...given, learningRate: (step: number) => given.learningRate(step) };
  return { model, params, data, optimiser, clip, health, sequenceLength: options.sequenceLength ?? Infinity };
}

/** A choice with the interval that is settled. */
function withInterval(ruled: Ruled, updateEvery: number | undefined): Ruled {
  const { backwardSteps } = lengthsOf(ruled.choice);
  if (updateEvery === undefined || backwardSteps === Infinity) return ruled;
  const reason = `An update every ${counted(updateEvery)} is settled; ${counted(Math.max(updateEvery, backwardSteps))} back at each.`;
  return {
    choice: windows(updateEvery, Math.max(updateEvery, backwardSteps)),
    reasons: [...ruled.reasons.slice(0, 1), reason],
  };
}

async function decayOf<P, C, S, O>(
  pilot: Pilot<P, C, S, O>,
  choice: StrategyChoice,
  {
    share = 0.95,
    pilot: updates = 300,
    sequenceLength = Infinity,
    horizon = 0,
    longestDependency = 0,
  }: AdviseOptions<P, C, S, O>,
): Promise<MeasuredDecay> {
  const trained = await trainedCopy(pilot, strategyOf(choice), updates);
  try {
    const lags = Math.min(sequenceLength, Math.max(lagsMeasured, 2 * horizon, 2 * longestDependency)) - 1;
    const byLag = await measureDecay(pilot, trained, lags);
    return { share, steps: fewestSteps(byLag, share), reachesBeyond: reachesBeyond(byLag), byLag };
  } finally {
    disposeTree(trained);
  }
}

/** What a measured decay makes of a rule. */
function byDecay<P, C, S, O>(
  { share, steps, byLag, reachesBeyond: further }: MeasuredDecay,
  ruled: Ruled,
  { sequenceLength = Infinity, updateEvery }: AdviseOptions<P, C, S, O>,
): Ruled {
  const percent = `${Math.round(share * 100)} %`;
  const found = `Measured on the data, a loss keeps ${percent} of its gradient with ${counted(steps)} back.`;
  const beyond = further
    ? [`It reaches beyond the ${counted(byLag.length)} that were looked at: a longer stretch of data would tell more.`]
    : [];
  const { backwardSteps } = lengthsOf(ruled.choice);
  if (backwardSteps === Infinity) return { choice: ruled.choice, reasons: [...ruled.reasons, found, ...beyond] };
  const rule = `By rule of thumb it would have been ${wordsOf(ruled.choice)}.`;
  const shortest = shortestChunk(byLag, share);
  const chunk = Math.max(shortest, shortestAdvised);
  if ((updateEvery === undefined ? chunk : 2 * steps) >= sequenceLength) {
    const whole = `That is most of a sequence of ${sequenceLength}: whole ones are exact.`;
    return { choice: { name: 'fullBptt' }, reasons: [`${found} ${rule}`, ...beyond, whole] };
  }
  if (updateEvery !== undefined) {
    const back = fewestStepsOf(byLag, updateEvery, share);
    const reason = `With an update every ${counted(updateEvery)} its losses keep that on average with ${counted(back)} back.`;
    return { choice: windows(updateEvery, back), reasons: [`${found} ${rule}`, ...beyond, reason] };
  }
  const reason =
    shortest < chunk
      ? `Chunks of ${shortest} would keep that on average. They have ${chunk} all the same: what a truncation hides a model never begins to use, and short chunks take longer for each step. With parameters that are trained further more may be measured.`
      : `Chunks of ${chunk} keep that on average: their first losses see little, and most see more. Windows of ${2 * steps} with an update every ${steps} keep it for every loss, and cost more.`;
  return { choice: chunks(chunk), reasons: [`${found} ${rule}`, ...beyond, reason] };
}

/** Whether a choice is tried on the data: where stretches are parts of a sequence, a whole one may have no end. */
function canBeTried(choice: StrategyChoice, looked: Looked | null): boolean {
  return choice.name === 'truncatedBptt' || looked?.isWhole === true;
}

/** What the copy is trained with before the decay is measured. */
function pilotStrategy<P, C, S, O>(
  choice: StrategyChoice,
  looked: Looked | null,
  { sequenceLength = Infinity }: AdviseOptions<P, C, S, O>,
): StrategyChoice {
  return canBeTried(choice, looked) ? choice : chunks(Math.min(sequenceLength, longestPilotChunk));
}

/** What else there is to consider. */
function othersThan(choice: StrategyChoice, measured: number | null, sequenceLength: number): StrategyChoice[] {
  const whole: readonly StrategyChoice[] = canBeWhole(sequenceLength)
    ? [{ name: 'fullBptt' }, { name: 'checkpointedBptt', options: {} }]
    : [];
  const { updateEvery, backwardSteps } = lengthsOf(choice);
  if (updateEvery === Infinity) {
    const steps = Math.ceil(sequenceLength / 2);
    const cut = sequenceLength === Infinity || steps < 2 ? [] : [chunks(steps), windows(Math.ceil(steps / 2), steps)];
    return [...cut, ...whole].filter((each) => each.name !== choice.name);
  }
  const half = (steps: number): number => Math.max(1, Math.round(steps / 2));
  const isChunked = updateEvery === backwardSteps;
  const others = [
    ...(measured === null ? [] : [windows(measured, 2 * measured)]),
    isChunked ? windows(half(updateEvery), backwardSteps) : chunks(backwardSteps),
    isChunked ? chunks(half(backwardSteps)) : windows(half(updateEvery), half(backwardSteps)),
    isChunked ? chunks(2 * backwardSteps) : windows(2 * updateEvery, 2 * backwardSteps),
  ].filter((each) => lengthsOf(each).backwardSteps < sequenceLength);
  const seen = new Set([JSON.stringify(choice)]);
  return [...others, ...whole].filter((each) => {
    const name = JSON.stringify(each);
    return !seen.has(name) && seen.add(name);
  });
}
