import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { spread } from '../measure/statistics.js';
import { bestPytorch, fastest, liveCells, ratios } from './derive.js';
import type { ResultFile, RowResult } from './ResultFile.js';
import { figure } from './textTable.js';

interface Mark {
  readonly row: string;
  readonly column: string;
  readonly kind: string;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

const laneHeight = 16;
const gapHeight = 34;
const colours = { tempograd: '#4269d0', adapter: '#97bbf5', pytorch: '#e8543a', tfjs: '#efb118', jax: '#3ca951' };

/** The run as one SVG: a panel a row, a dot a column with its range over the rounds, as multiples of PyTorch's best (where that is missing, of the fastest column). */
export function picture(result: ResultFile): string {
  const marks = result.rows.flatMap((row) => marksOf(result, row));
  const { document } = parseHTML('<!doctype html><body></body>');
  const columns = result.columns.map(({ id }) => id);
  const values = marks.flatMap(({ low, high }) => [low, high]);
  const hasPytorch = result.columns.some(({ kind }) => kind === 'pytorch');
  const chart = Plot.plot({
    document,
    style: { background: 'white', color: '#222' },
    width: 860,
    height: 80 + result.rows.length * (columns.length * laneHeight + gapHeight),
    marginLeft: 150,
    marginRight: 40,
    marginTop: 60,
    x: { type: 'log', domain: [0.8 * Math.min(1, ...values), 1.6 * Math.max(1, ...values)] },
    y: { domain: columns, label: null },
    fy: { domain: result.rows.map(({ id }) => id), label: null, axis: null, padding: 0.14 },
    color: { domain: Object.keys(colours), range: Object.values(colours) },
    marks: [
      Plot.axisX({
        anchor: 'top',
        ticks: 6,
        tickFormat: figure,
        label: `speed as a multiple of ${hasPytorch ? 'PyTorch’s best' : 'the fastest column'}, median and range over rounds`,
      }),
      Plot.gridX({ ticks: 6 }),
      Plot.ruleX([1], { stroke: '#888' }),
      Plot.text(result.rows, { fy: 'id', text: 'id', frameAnchor: 'top-left', dx: -144, dy: -12, fontWeight: 'bold' }),
      Plot.ruleY(marks, { fy: 'row', y: 'column', x1: 'low', x2: 'high', stroke: 'kind', strokeWidth: 2 }),
      Plot.dot(marks, { fy: 'row', y: 'column', x: 'ratio', fill: 'kind', r: 4 }),
      Plot.text(marks, {
        fy: 'row',
        y: 'column',
        x: 'high',
        text: (mark: Mark) => figure(mark.ratio),
        textAnchor: 'start',
        dx: 8,
      }),
    ],
  });
  chart.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${chart.outerHTML}\n`;
}

function marksOf(result: ResultFile, row: RowResult): Mark[] {
  const cells = liveCells(row);
  const base = bestPytorch(result, row) ?? fastest(row, cells);
  if (base === null) return [];
  return cells.map((cell) => {
    const { median, min, max } = spread(ratios(row, cell, base));
    const kind = result.columns.find(({ id }) => id === cell.column)?.kind ?? '';
    return { row: row.id, column: cell.column, kind, ratio: median, low: min, high: max };
  });
}
