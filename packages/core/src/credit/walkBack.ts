import { joinTime, sliceTime } from '../recurrence/stretch.js';
import { scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { disposeTree, treeLeaves } from '../tensor/tree.js';
import type { CutStep } from './cutSteps.js';
import { floatEntries, pullOutput, pullRows, type Pulled } from './pullStep.js';

/**
 * Losses pulled back through one step, n of them side by side. Each cotangent is divided by its largest number first, so that a
 * gradient that fades over many steps stays within a float's range; whoever reads multiplies the scales of all steps.
 */
export interface PulledStep extends Omit<Pulled<unknown>, 'carry'> {
  /** The step, t. */
  readonly step: number;
  /** The steps s of the losses, latest first. */
  readonly losses: readonly number[];
  /** Whether it is the loss of the step itself. */
  readonly isOwn: boolean;
  /** The leaves of what was pulled back, before it was scaled: of the output's cotangent where it is the step's own loss, else of the carry's. */
  readonly cotangents: readonly Tensor[];
  /** Paths of the floating leaves of the carry before the step. */
  readonly names: readonly string[];
}

/** How to walk. */
export interface WalkSettings<P> {
  readonly params: P;
  /** How many steps back each loss is pulled at most. */
  readonly lags: number;
  /** Whether gradients are wanted as vectors. */
  readonly vectors: boolean;
}

interface Rows<C> {
  readonly losses: readonly number[];
  /** Leaves `[n, …]`. */
  readonly carry: C;
}

/**
 * Pulls the losses of steps that have one back through all steps, no further than `lags` steps each, and tells of every step.
 * What it tells is borrowed; what `tell` returns of it, in trees, belongs to the caller's scope.
 */
export function walkBack<P, C, O, T>(
  steps: readonly CutStep<C, O>[],
  { params, lags, vectors }: WalkSettings<P>,
  tell: (pulled: PulledStep) => T,
): T[] {
  let rows: Rows<C> | null = null;
  const all: T[] = [];
  let dense = Infinity;
  const settings = { params, vectors, sawDense: (numbers: number): void => void (dense = numbers) };
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index] as (typeof steps)[number];
    const former: Rows<C> | null = rows;
    const result = scope(() => {
      const older = former === null ? null : within(former, step.at + lags);
      const told: T[] = [];
      const further: Rows<C>[] = [];
      const take = (losses: readonly number[], isOwn: boolean, from: unknown, { carry, ...norms }: Pulled<C>): void => {
        const names = floatEntries(carry).map(([path]) => path);
        told.push(tell({ step: step.at, losses, isOwn, cotangents: treeLeaves(from), names, ...norms }));
        if (carry !== null) further.push({ losses, carry });
      };
      const own = step.local && pullOutput(step, step.local.output, settings);
      if (older !== null)
        take(older.losses, false, older.carry, pullRows(step, older.carry, older.losses.length, dense, settings));
      if (own !== null) take([step.at], true, step.local?.output, own);
      const [one, other] = further;
      if (one === undefined || other === undefined) return { told, next: one ?? null };
      return { told, next: { losses: [...one.losses, ...other.losses], carry: joinTime(one.carry, other.carry) } };
    });
    all.push(...result.told);
    disposeTree(former?.carry);
    rows = result.next;
  }
  disposeTree(rows?.carry);
  return all;
}

/** The rows of losses up to a step; null where there are none. */
function within<C>({ losses, carry }: Rows<C>, last: number): Rows<C> | null {
  const from = losses.findIndex((s) => s <= last);
  if (from < 0) return null;
  return from === 0 ? { losses, carry } : { losses: losses.slice(from), carry: sliceTime(carry, from, losses.length) };
}
