import type { Look } from './Look.js';
import type { LossTrace } from './LossTrace.js';

/** A loss that has stood still, while nothing was learnt. */
export interface Standstill {
  readonly since: number;
  readonly loss: number;
  /** How much of the predictions comes from what went in; null where it is not known. */
  readonly informed: number | null;
}

/** A loss that has risen. */
export interface Rise {
  readonly since: number;
  /** What it is now. */
  readonly loss: number;
  /** What it was at its best. */
  readonly best: number;
}

/** How a training gets on. */
export interface Progress {
  /** Null where it moves, where something has been learnt, and where it is too early to tell. */
  readonly standstill: Standstill | null;
  /** Null where it has not risen by much. */
  readonly rise: Rise | null;
}

/** Where less of the predictions comes from what went in, nothing has been learnt of it. */
const leastInformed = 0.05;

/** A fall of less, as a share of the loss, over half of a training is none. */
const leastFall = 0.02;

/** Where the loss of a training without a health has fallen by less, as a share of the first, nothing has been learnt. */
const leastLearnt = 0.03;

/** A learning rate that has grown by more over the time looked at is still being warmed up. */
const warmingUp = 1.5;

/** How a training gets on, by its losses and its latest looks. A judgement needs `patience` updates at least, and half of all there were. */
export function progressOf(trace: LossTrace, looks: readonly Look[], patience: number): Progress {
  return { standstill: standstillOf(trace, looks, patience), rise: riseOf(trace, patience) };
}

function standstillOf(trace: LossTrace, looks: readonly Look[], patience: number): Standstill | null {
  const course = trace.course(Math.max(patience, trace.updates / 2));
  if (course === null) return null;
  const { level, fall, error } = course;
  if (fall > Math.max(2 * error, leastFall * Math.abs(level))) return null;
  const begin = trace.blocks.find(({ to }) => to >= course.since);
  if ((trace.blocks.at(-1)?.rate ?? 0) > warmingUp * (begin?.rate ?? 0)) return null;
  const informed = meanOf(looks.flatMap((look) => look.informed ?? []));
  if (informed === null ? hasFallen(trace, level, patience) : informed > leastInformed) return null;
  return { since: sinceWhen(trace, level, patience), loss: level, informed };
}

function hasFallen(trace: LossTrace, level: number, patience: number): boolean {
  const first = trace.first(Math.max(1, patience / 10));
  return first - level > leastLearnt * Math.abs(first);
}

/** The update from which on the loss was about what it is now. */
function sinceWhen(trace: LossTrace, level: number, patience: number): number {
  const { error } = trace.last(patience);
  const near = level + Math.max(leastLearnt * Math.abs(level), 2 * error);
  return trace.blocks.find(({ loss }) => loss <= near)?.from ?? 1;
}

function riseOf(trace: LossTrace, patience: number): Rise | null {
  const few = Math.max(4, patience / 5);
  if (trace.updates < 2 * few) return null;
  const [first, best, last] = [trace.first(few / 2), trace.best(few), trace.last(few)];
  const sure = 4 * last.error;
  const aboveStart = last.mean - first > 0.2 * Math.abs(first) + sure;
  const learnt = first - best.mean;
  const lost = last.mean - best.mean;
  const forgotten = learnt > 0.25 * Math.abs(first) && lost > 0.5 * learnt && lost > sure;
  return aboveStart || forgotten ? { since: best.at, loss: last.mean, best: best.mean } : null;
}

/** Of few rows, some looks see one label alone, which tells nothing: not the one in the middle. */
function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The one in the middle; null for none. */
export function medianOf(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? null;
}
