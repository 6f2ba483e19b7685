import { concat, fromArray, gather, isReadable, sliceAxis, type StepContext, type Tensor } from '@tempograd/core';
import type { DropoutLayer } from '../layers/index.js';

/** Steps one after another, counted from the stretch's first; the end not included. */
export interface StepRun {
  readonly from: number;
  readonly to: number;
}

/** Which of a stretch's steps have a loss in some row. */
export interface CountedSteps {
  /** How many there are. */
  readonly count: number;
  readonly runs: readonly StepRun[];
}

/**
 * The steps in which some row has a loss: all but those where the mask is 0 or the class of every row is negative or ignored. Null where
 * the readout is to be computed of every step: where most of them count, and where labels cannot be read at once.
 */
export function countedSteps(
  labels: { readonly targets: Tensor; readonly mask: Tensor | null },
  classes: { readonly ignoreIndex: number | null } | null,
): CountedSteps | null {
  const { targets, mask } = labels;
  const needed = [...(mask === null ? [] : [mask]), ...(classes === null ? [] : [targets])];
  if (needed.length === 0 || !needed.every(isReadable)) return null;
  const [time = 0] = targets.shape;
  const rows = needed[0]!.size / time;
  const [valid, kinds] = [mask?.readSync() ?? null, classes === null ? null : targets.readSync()];
  const ignored = classes?.ignoreIndex ?? -1;
  const counts = (place: number): boolean =>
    valid?.[place] !== 0 && (kinds === null || ((kinds[place] as number) >= 0 && kinds[place] !== ignored));
  const runs: { from: number; to: number }[] = [];
  let count = 0;
  for (let step = 0; step < time; step++) {
    let row = 0;
    while (row < rows && !counts(step * rows + row)) row++;
    if (row === rows) continue;
    count++;
    const latest = runs.at(-1);
    if (latest?.to === step) latest.to++;
    else runs.push({ from: step, to: step + 1 });
  }
  // To choose steps costs a copy of them, unless they lie side by side.
  return count === time || (runs.length > 1 && 2 * count > time) ? null : { count, runs };
}

/** Those steps of `[time, …]`, one after another. Of several runs they are chosen at once, so that the way back puts them in place at once. */
export function takeSteps(x: Tensor, { runs }: CountedSteps): Tensor {
  const [first, ...others] = runs as [StepRun, ...StepRun[]];
  if (others.length === 0) return sliceAxis(x, first.from, first.to);
  const steps = runs.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index));
  return gather(x, fromArray(steps, [steps.length], { dtype: 'i32', backend: x.backend }));
}

/** Dropout of steps that were taken, as it falls on them among the others. */
export function dropSteps(
  drop: DropoutLayer,
  taken: Tensor,
  { runs }: CountedSteps,
  context: StepContext | null,
): Tensor {
  if (drop.rate === 0 || context === null || context.key === null) return taken;
  let at = 0;
  const parts = runs.map(({ from, to }) => {
    const part = sliceAxis(taken, at, at + to - from);
    at += to - from;
    return drop.apply(part, { ...context, from: context.from + from });
  });
  return parts.length === 1 ? (parts[0] as Tensor) : concat(parts);
}
