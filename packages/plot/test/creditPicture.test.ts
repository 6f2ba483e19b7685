import { truncationMask } from '@tempograd/core';
import { ArgumentError } from '@tempograd/core/backend';
import { parseHTML } from 'linkedom';
import { describe, expect, test } from 'vitest';
import { outline } from '../src/credit/outline.js';
import { creditPicture } from '../src/index.js';

/** Norms that fade by a factor a step. */
function fading(time: number, factor = 0.5): number[][] {
  return Array.from({ length: time }, (_, s) =>
    Array.from({ length: time }, (__, t) => (t <= s ? factor ** (s - t) : 0)),
  );
}

function words(svg: string): string[] {
  return [...parseHTML(svg).document.querySelectorAll('text')].map(({ textContent }) => textContent);
}

/** How many squares a picture has of each colour. */
function squares(svg: string): number[] {
  return [...svg.matchAll(/<path fill="#\w+" d="([^"]*)"\/>|<path d="([^"]*)" fill="#\w+"\/>/g)].map(
    ([, first, second]) => ((first ?? second ?? '').match(/z/g) ?? []).length,
  );
}

const sum = (list: readonly number[]): number => list.reduce((total, each) => total + each, 0);

describe('the picture of a credit matrix', () => {
  test('has a square for each pair of steps that is not too faint, none above the diagonal', () => {
    expect(sum(squares(creditPicture(fading(20))))).toBe((20 * 21) / 2);
    // Ten times fainter a step: the diagonal and five more, the last of them at the end of the scale.
    expect(sum(squares(creditPicture(fading(20, 0.1), { decades: 5.5 })))).toBe(20 + 19 + 18 + 17 + 16 + 15);
    expect(sum(squares(creditPicture(Array.from({ length: 6 }, () => new Array<number>(6).fill(1)))))).toBe(21);
  });

  test('says what share a mask keeps, and of whom it is', () => {
    const mask = truncationMask({ time: 20, updateEvery: 20, backwardSteps: 20 });
    expect(words(creditPicture(fading(20), { mask, strategy: 'all of it' }))).toEqual(
      expect.arrayContaining(['all of it', 'keeps 100% of the credit here']),
    );
    const single = truncationMask({ time: 20, updateEvery: 1, backwardSteps: 1 });
    const flat = fading(20, 1);
    expect(words(creditPicture(flat, { mask: single }))).toContain('keeps 10% of the credit here');
    expect(words(creditPicture(flat))).not.toContain('keeps');
  });

  test('never says that all is kept where something is cut', () => {
    const mask = truncationMask({ time: 20, updateEvery: 1, backwardSteps: 15 });
    expect(words(creditPicture(fading(20, 0.3), { mask }))).toContain('keeps 99.99% of the credit here');
  });

  test('fades what lies outside the mask', () => {
    const mask = truncationMask({ time: 8, updateEvery: 4, backwardSteps: 4 });
    expect(creditPicture(fading(8), { mask })).toContain('opacity="0.36"');
    expect(creditPicture(fading(8))).not.toContain('opacity="0.36"');
  });

  test('stands alone', () => {
    const svg = creditPicture(fading(12), { mask: fading(12, 1), title: 'a < b' });
    expect(svg).toContain('<title>a &lt; b</title>');
    expect(svg).toContain('role="img"');
    expect(svg).not.toMatch(/ id=|<script|href|url\(/);
    expect(svg.length).toBeLessThan(12_000);
  });

  test('stays small where the stretch is long', () => {
    const time = 700;
    const svg = creditPicture(fading(time, 0.99), {
      mask: truncationMask({ time, updateEvery: 50, backwardSteps: 100 }),
    });
    expect(svg.length).toBeLessThan(700_000);
    expect(sum(squares(svg))).toBeLessThan((160 * 161) / 2);
  });

  test.each([
    ['one step', [[2]]],
    [
      'nothing but zeros',
      [
        [0, 0],
        [0, 0],
      ],
    ],
    [
      'NaN and infinity',
      [
        [NaN, 0],
        [Infinity, 1],
      ],
    ],
    [
      'the least numbers',
      [
        [5e-324, 0],
        [5e-324, 5e-324],
      ],
    ],
    [
      'the greatest',
      [
        [1e308, 0],
        [1e308, 1e308],
      ],
    ],
  ])('is drawn of %s', (_, norms) => {
    const svg = creditPicture(norms, { mask: norms.map((row) => row.map(() => 0)) });
    expect(svg).toContain('</svg>');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});

test.each<[unknown, object, string]>([
  [[], {}, 'norms must be rows of numbers'],
  [null, {}, 'norms must be rows of numbers'],
  [[[1, 2]], {}, 'must have as many columns as rows, 1, but row 0 has 2'],
  [[[1, 2], 3], {}, 'row 1 is none'],
  [[['1']], {}, 'norms[0][0] must be a number, but is "1"'],
  [
    [[1]],
    {
      mask: [
        [1, 1],
        [1, 1],
      ],
    },
    'the mask is of 2 steps and the norms are of 1',
  ],
  [[[1]], { mask: [[]] }, 'mask must have as many columns as rows'],
  [[[1]], { decades: 0 }, 'decades must be a number above 0'],
  [[[1]], { width: 1e9 }, 'width must be from 240'],
  [[[1]], { masks: [] }, 'there is no option "masks". Did you mean mask?'],
])('%j with %j is refused in words', (norms, options, message) => {
  const draw = (): string => creditPicture(norms as number[][], options);
  expect(draw).toThrow(ArgumentError);
  expect(draw).toThrow(message);
});

describe('the edge of a mask', () => {
  const edge = (rows: readonly string[]): string[] =>
    outline(rows.length, (row, column) => rows[row]?.[column] === '#').map((line) => line.join(' '));

  test('is one line about cells side by side, with corners only where it turns', () => {
    expect(edge(['##', '##'])).toEqual(['0,0 2,0 2,2 0,2']);
    expect(edge(['#.', '##'])).toEqual(['0,0 1,0 1,1 2,1 2,2 0,2']);
  });

  test('has a line for each part, and for each hole', () => {
    expect(edge(['#..', '...', '..#'])).toHaveLength(2);
    expect(edge(['###', '#.#', '###'])).toEqual(['0,0 3,0 3,3 0,3', '2,1 1,1 1,2 2,2']);
    expect(edge(['...', '...', '...'])).toEqual([]);
  });

  test('keeps cells apart that touch at a corner alone', () => {
    expect(edge(['#.', '.#'])).toEqual(['0,0 1,0 1,1 0,1', '1,1 2,1 2,2 1,2']);
  });
});
