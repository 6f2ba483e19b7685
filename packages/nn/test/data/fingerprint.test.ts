import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { key } from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import {
  byteVocabulary,
  characterVocabulary,
  contiguousStreams,
  sequences,
  sliceItems,
  windows,
  type SequencesOptions,
  type WindowOptions,
} from '../../src/index.js';
import { fingerprintOf } from '../../src/data/fingerprint.js';
import { indexTextFile } from '../../src/node/index.js';

const text = 'she sells sea shells by the sea shore';
const vocabulary = characterVocabulary(text);
const streams = (source: string | Int32Array = text, batch = 2, steps = 4): unknown =>
  contiguousStreams(source, { vocabulary, batch, steps }).fingerprint;

const series = { sold: [1, 2, 4, 3, 5, 7, 6, 8], price: [5, 5, 6, 6, 5, 5, 6, 6] };
const cut = (change: Partial<WindowOptions> = {}, of: typeof series = series): unknown =>
  windows(of, { length: 3, batch: 2, ...change }).fingerprint;

const list = [
  { inputs: [1, 2, 3], targets: 0 },
  { inputs: [2, 1], targets: 1 },
  { inputs: [3, 3, 1, 2], targets: 1 },
];
const labelled = (change: Partial<SequencesOptions> = {}, of: typeof list = list): unknown =>
  sequences(of, { batch: 2, ...change }).fingerprint;

describe('data that is made again has the same fingerprint, other data of the same size another', () => {
  test.each<[name: string, same: () => unknown, others: readonly unknown[]]>([
    [
      'a text',
      () => streams(),
      [streams(text.replace('shore', 'store')), streams(text, 3), streams(text, 2, 5), streams(text.slice(1))],
    ],
    [
      'a series',
      () => cut(),
      [
        cut({}, { ...series, price: [5, 5, 6, 6, 5, 5, 6, 7] }),
        cut({ length: 4 }),
        cut({ batch: 1 }),
        cut({ stride: 1 }),
        cut({ horizon: 2 }),
        cut({ shuffle: key(1) }),
        cut({ shuffle: key(2) }),
        cut({ targets: 'price' }),
        cut({ targetsAt: 'end' }),
        cut({ context: 2 }),
        cut({ known: { day: [0, 1, 2, 3, 4, 5, 6, 0] } }),
        cut({ known: { day: [1, 2, 3, 4, 5, 6, 0, 1] } }),
      ],
    ],
    [
      'sequences',
      () => labelled(),
      [
        labelled({}, [...list.slice(1), list[0]!]),
        labelled({}, [{ inputs: [1, 2, 3], targets: 1 }, ...list.slice(1)]),
        labelled({}, [...list, { inputs: [1], targets: 0 }]),
        labelled({ batch: 3 }),
        labelled({ steps: 2 }),
        labelled({ shuffle: key(1) }),
        labelled({ bucket: true }),
        labelled({ padding: 'left' }),
        labelled({ targets: 'numbers' }),
      ],
    ],
  ])('%s', (_, same, others) => {
    expect(same()).toMatch(/^[0-9a-f]{32}$/);
    expect(same()).toBe(same());
    expect(new Set([same(), ...others]).size).toBe(1 + others.length);
  });

  test('sequences of features, of several inputs and of numbers', () => {
    const all = (at: number): unknown =>
      sequences(
        [{ inputs: { a: [[1, 2], [3, at]], b: [1, 2] }, targets: [[0.5], [at]] }], // prettier-ignore
        { batch: 1 },
      ).fingerprint;
    expect(all(4)).toBe(all(4));
    expect(all(4)).not.toBe(all(5));
  });

  test.each([
    [3, 50],
    [100, 20],
    [500, 7],
  ])('each number of %d sequences of %d steps', (count, steps) => {
    const print = (place = -1): unknown =>
      sequences(
        Array.from({ length: count }, (_, n) => ({
          inputs: Array.from({ length: steps }, (__, t) => (n + t) % 5 + Number(n * steps + t === place)), // prettier-ignore
          targets: n % 2,
        })),
        { batch: 2 },
      ).fingerprint;
    const places = Array.from({ length: 30 }, (_, part) => Math.floor((part * (count * steps - 1)) / 29));
    expect(new Set([undefined, ...places].map(print)).size).toBe(31);
  });

  test('a file that is read as it is needed, and its parts', async () => {
    const path = join(tmpdir(), `tempograd-fingerprint-${process.pid}.txt`);
    const prints: unknown[] = [];
    for (const content of [text, text, text.replace('shore', 'store')]) {
      await writeFile(path, content);
      const file = await indexTextFile(path, { unit: 'bytes' });
      const items = file.items(byteVocabulary());
      for (const part of [items, sliceItems(items, 0, 20), sliceItems(items, 1, 21)])
        prints.push(contiguousStreams(part, { batch: 2, steps: 4 }).fingerprint);
      await file.close();
    }
    expect(prints.slice(0, 3)).toEqual(prints.slice(3, 6));
    expect(new Set(prints).size).toBe(6);
  });
});

test('what comes as it comes has none', () => {
  const pieces = async function* (): AsyncGenerator<string> {
    yield await Promise.resolve(text);
  };
  const items = { length: 20, read: (from: number, to: number) => Promise.resolve(new Int32Array(to - from)) };
  expect(contiguousStreams(pieces, { vocabulary, batch: 2, steps: 4 }).fingerprint ?? null).toBeNull();
  expect(contiguousStreams(items, { batch: 2, steps: 4 }).fingerprint).toBeNull();
  expect(contiguousStreams(sliceItems(items, 2), { batch: 2, steps: 4 }).fingerprint).toBeNull();
  expect(sequences(function* () { yield* list; }, { batch: 2 }).fingerprint).toBeNull(); // prettier-ignore
});

test('long data is looked at here and there, whatever repeats in it', () => {
  const places = 1e9;
  const seen: number[] = [];
  const of = (value: (place: number) => number): string =>
    fingerprintOf('x', { places, width: 1, look: (place) => [value(place)] });
  const print = of((place) => (seen.push(place), 0));
  expect(seen.length).toBe(4096);
  expect(seen.every((place, at) => Number.isSafeInteger(place) && place < places && place > (seen[at - 1] ?? -1))).toBe(
    true,
  );
  for (const period of [2, 7, 24, 4096, places / 4096]) {
    const phases = [0, 1].map((phase) => of((place) => Number((place + phase * (period / 2)) % period < period / 2)));
    expect(new Set([print, ...phases]).size).toBe(3);
  }
});
