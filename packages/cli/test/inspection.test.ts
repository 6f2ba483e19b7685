import type { GradientHealth, LayerHealth } from '@tempograd/nn';
import { describe, expect, test } from 'vitest';
import { findingsOf } from '../src/inspect/findings.js';
import type { Inspection } from '../src/inspect/Inspection.js';
import { inspectionPage } from '../src/inspect/page/inspectionPage.js';
import { reachOf } from '../src/inspect/reach.js';
import { readRows } from '../src/inspect/Reading.js';
import { heldItems } from '../src/text/Text.js';

type Measured = Parameters<typeof findingsOf>[0];

const layer: LayerHealth = {
  name: 'rnn.l0',
  steps: null,
  byTime: null,
  byLag: null,
  saturation: null,
  dead: null,
  spectralRadius: null,
};
const health: GradientHealth = {
  update: null,
  finite: true,
  layers: [layer],
  unseen: [],
  parameters: null,
  gradientNorm: null,
  clipping: null,
  informed: null,
  lyapunov: null,
  cosine: null,
};
const fading = (rate: number): number[] => Array.from({ length: 150 }, (_, lag) => rate ** lag);
/** A model whose gradient fades by a rate a step, trained with chunks of some length. */
function measured(rate: number, chunk: number, change: Partial<Measured> = {}): Measured {
  return {
    model: {
      file: 'a<b>.safetensors',
      unit: 'characters',
      recurrence: 'LSTM of 8',
      cell: 'LSTM',
      layers: 1,
      hidden: 8,
      vocabulary: 64,
      parameters: 100,
      training: null,
    },
    text: { title: 'A text', length: 10_000, rows: 16, warmUp: 50, steps: 150 },
    backend: 'js',
    loss: {
      bitsPerItem: 2,
      uniformBits: 6,
      frequencyBits: 4.5,
      byPosition: [4, 3, 2.5, 2.1, 2, 2, 2].map((bits, at) => ({ from: 10 * at, to: 10 * at + 10, bits })),
    },
    reach: reachOf(fading(rate), [10, 25, 50, 100, 150]),
    credit: { norms: [[1]], chunk, asTrained: true, items: [] },
    health,
    ...change,
  };
}
const titles = (of: Measured): string[] => findingsOf(of).map(({ verdict, title }) => `${verdict}: ${title}`);

describe('what truncation keeps of a gradient that fades by a half a step', () => {
  const { kept, stepsFor, decay } = reachOf(fading(0.5), [1, 2, 10]);

  test('each loss that looks k steps back keeps 1 − 2⁻ᵏ', () => {
    expect(kept.map(({ steps }) => steps)).toEqual(
      [0.5, 0.75, 1 - 2 ** -10].map((each) => expect.closeTo(each, 12) as number),
    );
    expect(stepsFor).toEqual({ 90: 4, 95: 5, 99: 7 });
    expect(decay).toBeCloseTo(0.5, 12);
  });

  test('chunks keep the mean of what their losses look back', () => {
    expect(kept[1]?.chunks).toBeCloseTo((0.5 + 0.75) / 2, 12);
    // 1 − (1 − 2⁻ᵏ) / k
    expect(kept[2]?.chunks).toBeCloseTo(1 - (1 - 2 ** -10) / 10, 12);
  });
});

test('gradients of zero everywhere keep all, and have no decay', () => {
  const { kept, decay } = reachOf([0, 0, 0], [2]);
  expect(kept[0]).toEqual({ length: 2, steps: 1, chunks: 1 });
  expect(decay).toBeNaN();
});

describe('findings', () => {
  test('of a healthy model are good, all of them', () => {
    expect(titles(measured(0.8, 100))).toEqual([
      'good: It has learnt this text',
      'good: Context helps, up to about 40 characters',
      'good: Gradients fade, and reach 21 steps',
      'good: Truncation costs little',
    ]);
  });

  test('tell what is wrong first, with what would help', () => {
    expect(titles(measured(0.95, 10))[0]).toBe('bad: Truncation at 10 steps cuts 76% of the credit');
    expect(findingsOf(measured(0.9, 10))[0]?.advice).toContain('--steps 100');
    expect(titles(measured(0.9, 10, { health: { ...health, finite: false } }))[0]).toBe('bad: Numbers that are none');
    expect(titles(measured(1.05, 50))).toContain('bad: Gradients grow as they go back');
    expect(titles(measured(0.3, 50))).toContain('note: Gradients vanish within a few steps');
    expect(titles(measured(0.999, 50))).toContain('note: Gradients reach further than was looked at');
  });

  test('judge a truncation by the direction of its gradient, where that is known', () => {
    const turned = (cosine: number): string[] => titles(measured(0.9, 10, { health: { ...health, cosine } }));
    expect(turned(0.999)).toContain('good: Truncation costs little');
    expect(turned(0.95)).toContain('note: Truncation at 10 steps cuts 59% of the credit');
    expect(turned(0.5)).toContain('bad: Truncation at 10 steps cuts 59% of the credit');
  });

  test('compare the loss with guessing', () => {
    const loss = (bitsPerItem: number): Partial<Measured> => ({ loss: { ...measured(0.8, 100).loss, bitsPerItem } });
    expect(titles(measured(0.8, 100, loss(4.4)))).toContain('bad: It has learnt how often, and no order');
    expect(titles(measured(0.8, 100, loss(7)))).toContain('bad: Worse than guessing');
    expect(titles(measured(0.8, 100, loss(NaN)))[0]).toBe('bad: Numbers that are none');
  });

  test('tell of gates, units and states', () => {
    const sick = (part: Partial<LayerHealth>, lyapunov: number[] | null = null): string[] =>
      titles(measured(0.8, 100, { health: { ...health, lyapunov, layers: [{ ...layer, ...part }] } }));
    expect(sick({ saturation: { i: { low: 0.4, high: 0.3 } } })).toContain('note: Gates of rnn.l0 lie at their ends');
    // A forget gate that is open is what lets a memory last.
    expect(sick({ saturation: { f: { low: 0, high: 0.9 } } })).not.toContain('note: Gates of rnn.l0 lie at their ends');
    expect(sick({ dead: { count: 1, of: 100 } })).toContain('note: 1 unit never move');
    expect(sick({ dead: { count: 30, of: 100 } })).toContain('bad: 30 units never move');
    expect(sick({}, [0.2])).toContain('note: Small changes of the state grow');
    expect(sick({ spectralRadius: 0.9 }, [-0.2])).toContain('good: The state is stable');
  });
});

describe('the page', () => {
  const pageOf = (of: Measured): string =>
    inspectionPage({ ...of, findings: findingsOf(of), seconds: 3 } satisfies Inspection);

  test('shows names as text', () => {
    expect(pageOf(measured(0.8, 20))).toContain('<h1>a&lt;b&gt;.safetensors</h1>');
  });

  test.each<[string, Measured]>([
    ['numbers that are none', measured(NaN, 20, { loss: { ...measured(0.8, 20).loss, bitsPerItem: NaN } })],
    ['a gradient that grows without bound', measured(1e4, 20)],
    ['no gradient at all', measured(0, 20)],
    ['nothing of its gates', measured(0.8, 20)],
  ])('is written of %s', (_, of) => {
    const page = pageOf(of);
    expect(page).toMatch(/<\/html>\n$/);
    expect(page.match(/<svg /g)?.length).toBeGreaterThanOrEqual(3);
  });
});

describe('rows of a text', () => {
  const items = heldItems(Int32Array.from({ length: 1000 }, (_, at) => at));

  test('are spread over its end, each of steps + 1 items in a row', async () => {
    const { rows } = await readRows('a', items, 9, 8);
    expect(rows).toHaveLength(8);
    expect(rows[0]?.[0]).toBe(900);
    expect(rows.at(-1)?.at(-1)).toBeLessThan(1000);
    for (const row of rows) expect([...row]).toEqual(Array.from({ length: 10 }, (_, at) => (row[0] as number) + at));
  });

  test('are spread over the whole of a short one, and may be fewer', async () => {
    expect((await readRows('a', items, 99, 128)).rows).toHaveLength(10);
    expect((await readRows('a', items, 999, 128)).rows.map((row) => row[0])).toEqual([0]);
  });

  test('of a text that has not one are refused', async () => {
    await expect(readRows('a', items, 1000, 8)).rejects.toThrow('it has 1000 items, and 1001 are read');
  });
});
