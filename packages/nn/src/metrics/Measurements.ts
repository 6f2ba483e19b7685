import { ArgumentError, type Tensor } from '@tempograd/core';
import { formatShape, sameShape, ShapeError } from '@tempograd/core/backend';
import { DataError } from '../data/index.js';
import type { Measurement, Metrics, MetricValues, Scored, ScoredItems } from './Metric.js';

/** Metrics under way over the stretches of some data. */
export class Measurements<M extends Metrics> {
  #op: string;
  #metrics: M;
  #started: ReadonlyMap<string, Measurement<unknown>>;

  /** @throws ArgumentError for what is no metric. */
  constructor(op: string, metrics: M) {
    this.#op = op;
    this.#metrics = metrics;
    this.#started = new Map(Object.entries(metrics).map(([name, metric]) => [name, startOf(op, name, metric)]));
  }

  /** Reads a stretch's predictions and targets, which stay the caller's, and adds what counts; `from` is its first step. */
  async add(scored: Scored, from: number): Promise<void> {
    for (const [name, { kinds = [scored.kind] }] of Object.entries(this.#metrics)) {
      if (kinds.includes(scored.kind)) continue;
      throw new ArgumentError(
        `${this.#op}: the metric ${name} is for ${kinds.map((kind) => meanings[kind]).join(' and ')}, but the task predicts ${meanings[scored.kind]}.`,
      );
    }
    const { predictions, targets, mask } = scored;
    checkShapes(this.#op, scored);
    const [predicted, right, counts] = await Promise.all([predictions.read(), targets.read(), mask?.read()]);
    const items = countedItems(this.#op, scored, { predicted, right, counts: counts ?? null, from });
    for (const measurement of this.#started.values()) measurement.add(items);
  }

  values(): MetricValues<M> {
    return Object.fromEntries([...this.#started].map(([name, each]) => [name, each.value()])) as MetricValues<M>;
  }
}

/** @throws ArgumentError for what is no metric: before training begins, not after the first update. */
export function requireMetrics(op: string, metrics: Metrics): void {
  for (const [name, metric] of Object.entries(metrics)) startOf(op, name, metric);
}

/** How each kind of predictions is told of. */
const meanings = { classes: 'classes', binary: 'yes or no (binary outputs)', numbers: 'numbers' } as const;

function startOf(op: string, name: string, metric: unknown): Measurement<unknown> {
  const { start } = (metric ?? {}) as { readonly start?: unknown };
  const begun: unknown = typeof start === 'function' ? start.call(metric) : null;
  const { add, value } = (begun ?? {}) as { readonly add?: unknown; readonly value?: unknown };
  if (typeof add === 'function' && typeof value === 'function') return begun as Measurement<unknown>;
  throw new ArgumentError(
    `${op}: ${name} is no metric. Call it, as in { ${name}: accuracy() }; one of your own is { start: () => ({ add(items) { … }, value: () => … }) }.`,
  );
}

function checkShapes(op: string, { kind, predictions, targets, mask }: Scored): void {
  const leading = predictions.shape.slice(0, -1);
  const wanted = kind === 'classes' ? leading : predictions.shape;
  if (!sameShape(targets.shape, wanted))
    throw new ShapeError(
      `${op}: predictions ${formatShape(predictions.shape)} of ${meanings[kind]} need targets ${formatShape(wanted)}, but they are ${formatShape(targets.shape)}.`,
    );
  if (mask && !sameShape(mask.shape, leading))
    throw new ShapeError(
      `${op}: predictions ${formatShape(predictions.shape)} need a mask ${formatShape(leading)}, but it is ${formatShape(mask.shape)}.`,
    );
}

interface Read {
  readonly predicted: ArrayLike<number>;
  readonly right: ArrayLike<number>;
  readonly counts: ArrayLike<number> | null;
  readonly from: number;
}

/** The items that count, one after another. @throws DataError for a class that the model does not have. */
function countedItems(
  op: string,
  { kind, predictions }: Scored,
  { predicted, right, counts, from }: Read,
): ScoredItems {
  const outputs = predictions.shape.at(-1) as number;
  const batch = itemsOf(predictions) / (predictions.shape[0] as number);
  const width = kind === 'classes' ? 1 : outputs;
  const [kept, steps, rows]: [number[], number[], number[]] = [[], [], []];
  for (let item = 0; item < itemsOf(predictions); item++) {
    const target = right[item * width] as number;
    if (counts?.[item] === 0 || (kind === 'classes' && target < 0)) continue;
    const [step, row] = [from + Math.floor(item / batch), item % batch];
    if (kind === 'classes' && target >= outputs)
      throw new DataError(
        `${op}: the target of step ${step} in row ${row} is class ${target}, but the model predicts ${outputs} classes, 0 to ${outputs - 1}.`,
      );
    kept.push(item);
    steps.push(step);
    rows.push(row);
  }
  return {
    kind,
    outputs,
    count: kept.length,
    predictions: rowsOf(predicted, kept, outputs),
    targets: rowsOf(right, kept, width),
    steps,
    rows,
  };
}

function itemsOf({ shape }: Tensor): number {
  return shape.slice(0, -1).reduce((product, size) => product * size, 1);
}

function rowsOf(values: ArrayLike<number>, kept: readonly number[], width: number): ArrayLike<number> {
  if (kept.length * width === values.length) return values;
  const rows = new Float64Array(kept.length * width);
  for (const [at, item] of kept.entries())
    for (let place = 0; place < width; place++) rows[at * width + place] = values[item * width + place] as number;
  return rows;
}
