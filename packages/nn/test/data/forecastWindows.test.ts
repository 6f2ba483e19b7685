import { key } from '@tempograd/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DataError, windows, type WindowOptions } from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';
import { readStretches, rowsOf, type Row } from './readStretches.js';

withFreshBackend();

/** NaN where `gaps` says so, else numbers that tell where they stand. */
function columnOf(length: number, base: number, gaps: readonly number[] = []): number[] {
  return Array.from({ length }, (_, step) => (gaps.includes(step) ? Number.NaN : base + step));
}

interface Case {
  readonly a: number[];
  readonly b: number[];
  readonly known: number[];
  readonly horizon: readonly [number, number];
  readonly length: number;
  readonly stride: number;
  readonly batch: number;
  readonly context: number;
  readonly atEnd: boolean;
  readonly shuffle: number | null;
}

const gaps = fc.array(fc.nat(19), { maxLength: 4 });
const anyCase: fc.Arbitrary<Case> = fc
  .record({
    rows: fc.integer({ min: 8, max: 20 }),
    more: fc.nat(3),
    gaps: fc.tuple(gaps, gaps, gaps),
    first: fc.nat(3),
    span: fc.nat(2),
    length: fc.integer({ min: 1, max: 6 }),
    stride: fc.integer({ min: 1, max: 6 }),
    batch: fc.integer({ min: 1, max: 3 }),
    context: fc.nat(5),
    atEnd: fc.boolean(),
    shuffle: fc.option(fc.nat(9)),
  })
  .map(({ rows, more, gaps: [a, b, k], first, span, ...rest }) => ({
    a: columnOf(rows, 100, a),
    b: columnOf(rows, 200, b),
    known: columnOf(rows + more, 300, k),
    horizon: [first, first + span] as const,
    ...rest,
  }));

/** The windows of a case that have targets, written down step by step. */
function reference({ a, b, known, horizon: [first, last], length, stride, context, atEnd }: Case): Row[] {
  const range = <T>(values: T[], step: number): T[] => values.slice(step + first, step + last + 1);
  const usable = Math.min(a.length - last, known.length - last);
  const all: Row[] = [];
  for (let start = 0; start === 0 || start - stride + length < usable; start += stride) {
    const row = { inputs: { '': [] as number[][] }, targets: [] as (number[] | null)[] };
    const end = Math.min(start + length, usable);
    for (let step = start; step < end; step++) {
      const read = [a[step] as number, b[step] as number, ...range(known, step)];
      if (read.some(Number.isNaN)) continue;
      const target = range(b, step);
      const counts = !target.some(Number.isNaN) && step + first >= context && (!atEnd || step === end - 1);
      row.inputs[''].push(read);
      row.targets.push(counts ? target : null);
    }
    if (row.targets.some((target) => target !== null)) all.push(row);
  }
  return all;
}

const optionsOf = ({ horizon, length, stride, batch, context, atEnd, known, shuffle }: Case): WindowOptions => ({
  horizon,
  length,
  stride,
  batch,
  context,
  known,
  targets: 'b',
  targetsAt: atEnd ? 'end' : 'steps',
  missing: 'mask',
  ...(shuffle !== null && { shuffle: key(shuffle) }),
});

const byContent = (x: Row, y: Row): number => (JSON.stringify(x) < JSON.stringify(y) ? -1 : 1);

describe('windows for forecasts', () => {
  test('are those of a series written down step by step, and go on from any position', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, fc.nat(2), async (one, epoch) => {
        const wanted = reference(one);
        const make = (): ReturnType<typeof windows> => windows({ a: one.a, b: one.b }, optionsOf(one));
        if (wanted.length === 0) {
          expect(make).toThrow(DataError);
          return;
        }
        const source = make();
        const given = await readStretches(source, { epoch, index: 0 });
        expect(given).toHaveLength(source.stretches as number);
        const rows = rowsOf(given).flat();
        const kept = rows.filter(({ targets }) => targets.some((target) => target !== null));
        // All others are rows that fill up the last batch.
        expect(rows.filter(({ targets }) => targets.length > 0)).toHaveLength(kept.length);
        expect(one.shuffle === null ? kept : kept.sort(byContent)).toEqual(
          one.shuffle === null ? wanted : wanted.sort(byContent),
        );
        const counted = wanted.flatMap(({ targets }) => targets).filter((target) => target !== null).length;
        expect(given.reduce((sum, { items = Number.NaN }) => sum + items, 0)).toBe(counted);
        for (let index = 1; index <= given.length; index++)
          expect(await readStretches(source, { epoch, index })).toEqual(given.slice(index));
      }),
      { numRuns: 150 },
    );
  });

  test('of several steps ahead have them side by side, the nearest first', async () => {
    const [given] = await readStretches(
      windows({ x: [1, 2, 3, 4, 5, 6], y: [10, 20, 30, 40, 50, 60] }, { length: 2, horizon: [1, 2], batch: 1 }),
    );
    expect(given?.targets).toEqual([[[2, 20, 3, 30]], [[3, 30, 4, 40]]]);
    expect([given?.mask, given?.lossMask, given?.items]).toEqual([null, null, 2]);
  });

  test('read what is known of the steps of the target', async () => {
    const given = await readStretches(windows([1, 2, 3], { length: 1, batch: 1, known: [[10], [20], [30], [40]] }));
    expect(given.map(({ inputs }) => inputs[''])).toEqual([[[[1, 20]]], [[[2, 30]]]]);
  });

  test('end where what is known ends', async () => {
    const given = await readStretches(windows([1, 2, 3, 4, 5], { length: 9, batch: 1, known: [10, 20, 30] }));
    expect(given.map(({ items, mask }) => [items, mask?.flat()])).toEqual([[2, [1, 1, 0, 0, 0, 0, 0, 0, 0]]]);
    const pairs = windows([1, 2, 3, 4, 5, 6], { length: 9, horizon: [1, 2], batch: 1, known: [10, 20, 30, 40] });
    expect((await readStretches(pairs)).map(({ items }) => items)).toEqual([2]);
    expect(() => windows([1, 2, 3], { length: 2, batch: 1, known: [10] })).toThrow(/3 targets and 1 known steps/);
  });

  test('fill in what is read, and learn no target that was filled in', async () => {
    const series = [0, Number.NaN, Number.NaN, 9, 10];
    for (const [missing, filled] of [
      ['forward', [0, 0, 0, 9]],
      ['linear', [0, 3, 6, 9]],
    ] as const) {
      const [given] = await readStretches(windows(series, { length: 4, batch: 1, missing }));
      expect(given?.inputs['']?.flat(2)).toEqual(filled);
      expect(given?.lossMask?.flat()).toEqual([0, 0, 1, 1]);
      expect(given?.targets.flat(2)).toEqual([0, 0, 9, 10]);
      expect([given?.items, given?.mask]).toEqual([2, null]);
    }
  });

  test('a label at the end of each window alone', async () => {
    const [given] = await readStretches(windows([1, 2, 3, 4, 5], { length: 3, batch: 1, targetsAt: 'end' }));
    expect(given?.lossMask?.flat()).toEqual([0, 0, 1]);
    expect(given?.targets.flat(2)).toEqual([0, 0, 4]);
  });

  test('refuse missing values by column and row, names that there are not, and nothing to learn', () => {
    const series = { sun: [1, 2, 3], rain: [1, Number.NaN, 3] };
    const good = { length: 2, batch: 1 };
    expect(() => windows(series, good)).toThrow(/column "rain", row 1 is missing \(NaN\).*missing: 'forward'/);
    expect(() =>
      windows(
        [
          [1, 2],
          [3, Infinity],
        ],
        good,
      ),
    ).toThrow(/channel 1 of the series, row 1 is Infinity/);
    expect(() => windows([1, 2, '3' as never], good)).toThrow(/row 2 is the text "3", which is no finite number/);
    expect(() => windows(series, { ...good, targets: 'snow', missing: 'mask' })).toThrow(
      /no column "snow".*"sun", "rain"/,
    );
    expect(() => windows([1, 2], { ...good, targets: ['x'] })).toThrow(/no named columns/);
    expect(() => windows([1, 2, 3], { ...good, context: 3 })).toThrow(/no window has a target that counts/);
    expect(() => windows([1, 2, 3], { ...good, context: -1 })).toThrow(/context must be a whole number ≥ 0/);
    for (const horizon of [[2, 1], [1], [0.5, 1], 1.5, [1, 2, 3]])
      expect(() => windows([1, 2, 3], { ...good, horizon } as never)).toThrow(/horizon must be a whole number/);
    expect(() => windows({ a: [1, 2], b: [1] }, good)).toThrow(/column "b" of the series has 1 steps, but "a" has 2/);
    expect(() => windows({}, good)).toThrow(/must be a list of numbers, a list of rows, or columns by name/);
    expect(() => windows('text' as never, good)).toThrow(/but is the text "text"/);
    expect(() => windows([[1], null] as never, good)).toThrow(/step 1 of the series is no row/);
    expect(() => windows([[], []], good)).toThrow(/rows of the series are empty/);
  });
});
