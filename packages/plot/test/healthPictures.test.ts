import { ArgumentError } from '@tempograd/core/backend';
import type { GradientHealth, LayerHealth } from '@tempograd/nn';
import { parseHTML } from 'linkedom';
import { expect, test } from 'vitest';
import { healthPictures } from '../src/index.js';

const layer: LayerHealth = {
  name: 'rnn.l0',
  steps: { from: 40, to: 50 },
  byTime: Array.from({ length: 10 }, (_, t) => 0.9 ** t),
  byLag: Array.from({ length: 60 }, (_, k) => 0.8 ** k),
  saturation: { i: { low: 0.25, high: 0.5 }, f: { low: 0, high: 1 } },
  dead: { count: 0, of: 4 },
  spectralRadius: 0.9,
};
const health: GradientHealth = {
  update: 3,
  finite: true,
  layers: [layer, { ...layer, name: 'rnn.l1' }],
  unseen: [],
  parameters: [
    { name: 'rnn.weight_hh_l0', size: 4, gradient: 0.1, weight: 2, update: 0.002 },
    {
      name: 'a.very.long.path.of.a.parameter.in.a.model.of.many.parts.weight',
      size: 4,
      gradient: 0,
      weight: 1,
      update: null,
    },
  ],
  gradientNorm: 0.1,
  clipping: null,
  informed: null,
  lyapunov: null,
  cosine: null,
};
const nothing: LayerHealth = { ...layer, steps: null, byTime: null, byLag: null, saturation: null };

function words(svg: string | null): string[] {
  return [...parseHTML(svg ?? '').document.querySelectorAll('text')].map(({ textContent }) => textContent);
}

test('what was measured is drawn: by lag, by time, gates and parameters', () => {
  const { byLag, byTime, saturation, parameters } = healthPictures(health, { lengths: [25, 50, 100] });
  expect(words(byLag)).toEqual(expect.arrayContaining(['rnn.l0', 'rnn.l1', '25 back', '50 back', 'steps back']));
  expect(words(byLag)).not.toContain('100 back');
  // Steps are counted from the sequence's first.
  expect(words(byTime)).toEqual(expect.arrayContaining(['40', 'step']));
  expect(words(saturation)).toEqual(expect.arrayContaining(['rnn.l0 i', 'rnn.l1 f', 'shut', 'open']));
  expect(saturation).toContain('rnn.l0 i: 0.25 shut, 0.50 open');
  expect(words(parameters)).toEqual(expect.arrayContaining(['rnn.weight_hh_l0', 'weight', 'gradient', 'update']));
  expect(words(parameters).some((word) => word.includes('…'))).toBe(true);
  for (const svg of [byLag, byTime, saturation, parameters]) expect(svg).not.toMatch(/NaN|Infinity|undefined| id=/);
});

test('what was not measured is null', () => {
  const empty = { ...health, layers: [nothing], parameters: null };
  expect(healthPictures(empty)).toEqual({ byLag: null, byTime: null, saturation: null, parameters: null });
  expect(healthPictures({ ...empty, layers: [] }).byLag).toBeNull();
  const { parameters } = healthPictures({
    ...health,
    parameters: [{ name: 'w', size: 1, gradient: 0.1, weight: 1, update: null }],
  });
  expect(words(parameters)).not.toContain('update');
});

test('what went through JSON, and what is not finite, is drawn as far as it can be', () => {
  const odd: GradientHealth = {
    ...health,
    finite: false,
    layers: [{ ...layer, byLag: [1, NaN, Infinity, 0, 0.1], saturation: { h: { low: NaN, high: 0 } } }],
    parameters: [{ name: 'w', size: 1, gradient: NaN, weight: Infinity, update: 0 }],
  };
  for (const each of [odd, JSON.parse(JSON.stringify(odd)) as GradientHealth]) {
    for (const svg of Object.values(healthPictures(each)) as (string | null)[]) {
      expect(svg).toContain('</svg>');
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    }
  }
});

test.each([null, undefined, {}, { layers: 3 }, { layers: [] }, 'health'])('%j is no gradient health', (wrong) => {
  expect(() => healthPictures(wrong as unknown as GradientHealth)).toThrow(ArgumentError);
});

test('options are strict', () => {
  expect(() => healthPictures(health, { length: [1] } as object)).toThrow('there is no option "length"');
  expect(() => healthPictures(health, { width: 1 })).toThrow('width must be from 240');
});
