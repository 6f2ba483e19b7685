import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cellsOnText } from '../src/cellsOnText/cellsOnText.js';
import { charModel } from '@tempograd/nn';
import { cells, hiddenFor } from '../src/cellsOnText/equalSizes.js';
import { parameterCount } from '../src/parameterCount.js';
import { heldOutText } from '../src/cellsOnText/HeldOutText.js';

test('LSTM, GRU and RNN of as many parameters learn more of a text than how often characters come', async () => {
  const { cells: trained, blind, text, equalTime } = await cellsOnText.run({ size: 'small', seed: 1 });
  expect(text).toMatchObject({ name: 'Moby Dick', characters: 30_000 });
  expect(trained.map(({ cell }) => cell)).toEqual([...cells]);
  for (const { parameters, looks } of trained) {
    expect(Math.abs(parameters / 12_000 - 1)).toBeLessThan(0.03);
    const [first, last] = [looks[0], looks.at(-1)];
    expect(last?.heldOut).toBeLessThan(blind - 0.3);
    expect(last?.heldOut).toBeLessThan(first?.heldOut as number);
    expect(last?.seconds).toBeGreaterThanOrEqual(equalTime.seconds);
  }
  // Whoever is through first has its last loss then, and nobody a better one than at its end.
  const ends = trained.map(({ looks }) => looks.at(-1)?.heldOut as number);
  expect(ends.some((end, at) => end === equalTime.losses[at])).toBe(true);
  for (const [at, end] of ends.entries()) expect(equalTime.losses[at]).toBeGreaterThanOrEqual(end - 0.05);
  // The page is about another text.
  expect(cellsOnText.isOfPage?.({ text, blind, cells: trained, equalTime } as never)).toBe(false);
});

test('sizes are as near to the number of parameters as whole numbers can be', () => {
  for (const cell of cells) {
    const config = { cell, vocabulary: 65, embedding: 64 };
    const wanted = 215_000;
    const hidden = hiddenFor(wanted, config);
    const off = (size: number): number => Math.abs(parameterCount(charModel({ ...config, hidden: size })) - wanted);
    expect(off(hidden)).toBeLessThanOrEqual(Math.min(off(hidden - 1), off(hidden + 1)));
  }
  // 65 · 64 of the embedding, 4 · (64 + 192 + 2) · 192 of the cell, 193 · 65 of the head.
  expect(parameterCount(charModel({ cell: 'lstm', vocabulary: 65, embedding: 64, hidden: 192 }))).toBe(214_849);
});

test('the last tenth of a text is held out, and what is blind knows the frequencies of the rest', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'text-'));
  try {
    const file = join(folder, 'letters.txt');
    await writeFile(file, `${'ab'.repeat(450)}${'b'.repeat(100)}`);
    const text = await heldOutText(file);
    expect(text.facts).toMatchObject({ name: 'letters.txt', characters: 1000, vocabulary: 2 });
    expect([text.training, text.heldOut]).toEqual(['ab'.repeat(450), 'b'.repeat(100)]);
    expect(text.blind).toBeCloseTo(Math.LN2, 12);
    expect((await heldOutText(file, 50)).heldOut).toBe('babab');
  } finally {
    await rm(folder, { recursive: true });
  }
});
