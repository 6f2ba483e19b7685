import { fromArray, keep, scope, type Tensor } from '@tempograd/core';
import type { DataOptions } from '../DataSource.js';
import type { Column, Layout, ReadSequence } from './readSequence.js';

/** Where the sequences of a batch stand in it. */
export interface Laid {
  readonly rows: readonly ReadSequence[];
  /** Steps of the longest. */
  readonly time: number;
  readonly padding: 'left' | 'right';
}

/** The tensors of steps `from` up to, but without, `to` of a batch; inputs are one tensor, or one for each name. */
export interface RawStretch {
  readonly inputs: Tensor | Readonly<Record<string, Tensor>>;
  readonly targets: Tensor;
  readonly mask: Tensor | null;
  readonly lossMask: Tensor | null;
}

/** Pairs of step and row whose losses count. */
export function itemsIn({ rows }: Laid, { at, targets: { integers } }: Layout): number {
  if (!integers) return at === 'end' ? rows.length : rows.reduce((sum, { length }) => sum + length, 0);
  const labels = (row: ReadSequence): number => {
    const { values, offset } = row.targets;
    let count = 0;
    const length = at === 'end' ? 1 : row.length;
    for (let step = 0; step < length; step++) if ((values[step + offset] as number) >= 0) count++;
    return count;
  };
  return rows.reduce((sum, row) => sum + labels(row), 0);
}

/** Makes the tensors of a stretch; they are the caller's. */
export function stretchOf(laid: Laid, layout: Layout, from: number, to: number, options: DataOptions): RawStretch {
  return scope(() => keep(tensorsOf(laid, layout, from, to, options)));
}

function tensorsOf(laid: Laid, layout: Layout, from: number, to: number, options: DataOptions): RawStretch {
  const { rows, time } = laid;
  const [steps, batch] = [to - from, rows.length];
  const full = rows.every(({ length }) => length === time);
  const atEnd = layout.at === 'end';
  const tensors = layout.inputs.map((shape, at) =>
    fill(laid, from, to, shape, 0, options, (row) => row.inputs[at] as Column),
  );
  const inputs =
    layout.names === null
      ? (tensors[0] as Tensor)
      : Object.fromEntries(layout.names.map((name, at) => [name, tensors[at] as Tensor]));
  const integers = { ...options, dtype: 'i32' } as const;
  const marks = (counts: (row: ReadSequence, step: number) => boolean): Tensor => {
    const values = new Int32Array(steps * batch);
    eachStep(laid, from, to, (row, step, index) => {
      values[index] = Number(counts(row, step));
    });
    return fromArray(values, [steps, batch], integers);
  };
  return {
    inputs,
    targets: fill(
      laid,
      from,
      to,
      layout.targets,
      layout.targets.integers ? -1 : 0,
      options,
      ({ targets }) => targets,
      atEnd,
    ),
    mask: full ? null : marks(() => true),
    lossMask: atEnd ? marks((row, step) => step === row.length - 1) : null,
  };
}

/** Every valid step of a stretch: its row, the step in its sequence, the place in `[time, batch]`. */
function eachStep(
  { rows, time, padding }: Laid,
  from: number,
  to: number,
  visit: (row: ReadSequence, step: number, index: number) => void,
): void {
  for (const [at, row] of rows.entries()) {
    const start = padding === 'left' ? time - row.length : 0;
    const end = Math.min(to, start + row.length);
    for (let step = Math.max(from, start); step < end; step++)
      visit(row, step - start, (step - from) * rows.length + at);
  }
}

function fill(
  laid: Laid,
  from: number,
  to: number,
  { integers, width }: Pick<Column, 'integers' | 'width'>,
  padding: number,
  options: DataOptions,
  columnOf: (row: ReadSequence) => Column,
  atEnd = false,
): Tensor {
  const [steps, batch] = [to - from, laid.rows.length];
  const into = new (integers ? Int32Array : Float64Array)(steps * batch * width).fill(padding);
  eachStep(laid, from, to, (row, step, index) => {
    if (atEnd && step !== row.length - 1) return;
    const { values, offset } = columnOf(row);
    const value = values[atEnd ? 0 : step + offset] as number | ArrayLike<number>;
    if (typeof value === 'number') into[index] = value;
    else for (let at = 0; at < width; at++) into[index * width + at] = value[at] as number;
  });
  const shape = integers ? [steps, batch] : [steps, batch, width];
  return fromArray(into, shape, integers ? { ...options, dtype: 'i32' } : options);
}
