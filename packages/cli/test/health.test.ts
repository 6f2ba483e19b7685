import { stripVTControlCharacters } from 'node:util';
import { createBackend as wasm } from '@tempograd/backend-wasm';
import { disposeTree, keep, key, scope, treeEntries, truncatedBptt, useBackend } from '@tempograd/core';
import {
  adam,
  characterVocabulary,
  charModel,
  contiguousStreams,
  fit,
  type Finding,
  type GradientHealth,
} from '@tempograd/nn';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { describeFinding } from '../src/present/describeFinding.js';
import { shownHealth, sparkline } from '../src/present/healthLine.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Parameters after some updates on WASM, and what was seen of the last. */
async function train(health: object): Promise<{ params: Record<string, number[]>; last: GradientHealth | null }> {
  const text = 'call me ishmael, some years ago. '.repeat(30);
  const vocabulary = characterVocabulary(text);
  const task = charModel({ vocabulary: vocabulary.size, embedding: 8, hidden: 16, layers: 2 });
  const params = scope(() => keep(task.init(key(1))));
  const data = contiguousStreams(text, { vocabulary, batch: 4, steps: 12 });
  const strategy = truncatedBptt({ updateEvery: 6, backwardSteps: 12 });
  const training = { task, params, data, strategy, optimiser: adam({ learningRate: 0.01 }), updates: 12 };
  let last: GradientHealth | null = null;
  for await (const step of fit({ ...training, clip: { norm: 0.5 }, ...health })) last = step.health;
  const values = Object.fromEntries(treeEntries(params).map(([path, leaf]) => [path, [...leaf.readSync()]]));
  disposeTree(params);
  return { params: values, last };
}

test('a training on WASM that is looked at has the same bits', async () => {
  const backend = await wasm();
  useBackend(backend);
  const looked = await train({ health: { every: 3 } });
  expect(looked.params).toEqual((await train({})).params);
  expect(looked.last).toMatchObject({ unseen: [], finite: true, layers: [{ name: 'rnn.l0' }, { name: 'rnn.l1' }] });
  expect(backend.memory().buffers).toBe(0);
});

const byLag = Array.from({ length: 50 }, (_, lag) => 0.8 ** lag);
const layer = { name: 'rnn.l0', steps: null, byTime: null, saturation: null, dead: null, spectralRadius: null };
const health: GradientHealth = {
  update: 10,
  finite: true,
  layers: [{ ...layer, byLag }],
  unseen: [],
  parameters: [{ name: 'rnn.weight_hh_l0', size: 4, gradient: 1, weight: 2, update: 0.002 }],
  gradientNorm: 1,
  clipping: { updates: 10, share: 0.3, meanFactor: 0.5, factor: 1 },
  informed: 0.42,
  lyapunov: null,
  cosine: null,
};

describe('the line below the bar', () => {
  test('has a bar for each power of ten that a gradient has faded by', () => {
    expect(sparkline([1, 0.1, 0.01, 0.001, 1e-4, 1e-9, 0])).toBe('█▆▅▃▁▁▁');
    expect(sparkline([0, 0, 0])).toBe('▁▁▁');
    expect([...sparkline(byLag)]).toHaveLength(20);
    // What explodes is highest where it is largest.
    expect(sparkline([1, 10, 1e4])).toBe('▁▃█');
  });

  test('says as much as there is room for', () => {
    const line = (columns: number, of = health): string => stripVTControlCharacters(shownHealth(of).bar(columns));
    expect(line(130)).toMatch(
      /^gradient █\S+▁ 0\.0018% left 49 steps back · 30% clipped, to 50% · step 0\.1% of the weights · 42% informed$/,
    );
    expect(line(78)).toMatch(/^gradient █\S+▁ 0\.0018% left 49 steps back · 30% clipped, to 50%$/);
    expect([...line(20)]).toHaveLength(20);
    const two = [
      { ...layer, byLag: [1, 1] },
      { ...layer, name: 'rnn.l1', byLag: [1, 0.1] },
    ];
    expect(line(78, { ...health, layers: two, clipping: null, parameters: null, informed: null })).toBe(
      'gradient of rnn.l1 █▆ 10% left 1 steps back',
    );
    const blank = { ...health, layers: [], clipping: null, parameters: null, informed: null };
    expect(line(78, blank)).toBe('');
  });
});

test('a finding fits a narrow terminal, with what may help', () => {
  vi.stubGlobal('process', { ...process, stdout: { isTTY: true, columns: 40 }, env: process.env });
  const finding: Finding = {
    kind: 'vanishing',
    over: false,
    update: 60,
    since: 12,
    layer: 'rnn.l0',
    message: 'The gradient vanishes in rnn.l0: more than 9 steps back nothing is left.',
    advice: "Take cell 'lstm'.",
    numbers: { reach: 9 },
  };
  const lines = (of: Finding): string[] => stripVTControlCharacters(describeFinding(of)).split('\n');
  expect(lines(finding)).toEqual([
    'Since update 12: The gradient vanishes',
    'in rnn.l0: more than 9 steps back',
    'nothing is left.',
    "What may help: Take cell 'lstm'.",
    '',
  ]);
  expect(lines({ ...finding, over: true, message: 'the training gets on.', advice: '' })).toEqual([
    'Over at update 60: the training gets on.',
    '',
  ]);
});
