import { describe, expect, it } from 'vitest';
import { wantedOf } from '../src/columns/wantedOf.js';
import { flopsPerStep, parameterCount } from '../src/grid/cost.js';
import { parseRow, rowId } from '../src/grid/Row.js';
import { longRows, shortRows } from '../src/grid/rows.js';
import { median } from '../src/measure/statistics.js';
import { comparison } from '../src/report/comparison.js';
import {
  bestPytorch,
  isDisturbed,
  liveCells,
  lossComplaints,
  pytorchVersions,
  ratio,
  speeds,
} from '../src/report/derive.js';
import type { Cell, ResultFile, RowResult } from '../src/report/ResultFile.js';
import { rowTable } from '../src/report/rowTable.js';
import { parametersOf } from '../src/workers/numbers.js';

const row = parseRow('lstm-h128-b32-t50');

function cell(column: string, steps: number[], losses = [4, 3.9], parameters = 10): Cell {
  const slices = steps.map((count, round) => ({ round, steps: count, seconds: 1 }));
  return { column, skipped: null, parameters, losses, slices, peakBytes: null, breakdown: null };
}

function resultOf(...cells: Cell[]): { result: ResultFile; result0: RowResult } {
  const result0 = { id: rowId(row), row, flopsPerStep: flopsPerStep(row), cells };
  const columns = cells.map(({ column }) => ({
    id: column,
    kind: column.startsWith('pytorch') ? ('pytorch' as const) : ('tempograd' as const),
    fullStep: column !== 'partial',
    facts: { runtime: '', version: column.includes('@') ? `${column.split('@')[1]}.0` : '1.13.0', details: {} },
  }));
  return { result: { columns, rows: [result0] } as unknown as ResultFile, result0 };
}

describe('rows', () => {
  it.each([
    'lstm-h128-b32-t50',
    'infer-lstm-h64-b1-t1',
    'gru-2x256-b32-t50-e128-v100',
    'rnn-h64-b1-t50-e64',
    'mgu-h128-b32-t50',
  ])('%s is read and written alike', (id) => expect(rowId(parseRow(id))).toBe(id));

  it('refuses what names none', () => expect(() => parseRow('lstm-128')).toThrow(/names no row/));

  it('has the whole grid in the long form, the short one first', () => {
    const ids = longRows().map(rowId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.slice(0, shortRows.length)).toEqual(shortRows.map(rowId));
    // Four of the short rows lie in the grid.
    expect(ids).toHaveLength(3 * 5 * 4 * 3 + shortRows.length - 4);
  });
});

describe('columns by name', () => {
  const all = ['webgpu@20', 'webgpu@24', 'tfjs-webgpu@24', 'tfjs-wasm@24', 'js@24', 'pytorch-cuda'].map((id) => ({
    id,
  }));
  it.each([
    [[], all.map(({ id }) => id)],
    [['webgpu'], ['webgpu@20', 'webgpu@24']],
    [
      ['webgpu@24', 'pytorch'],
      ['webgpu@24', 'pytorch-cuda'],
    ],
    [['tfjs'], ['tfjs-webgpu@24', 'tfjs-wasm@24']],
    [['js@'], ['js@24']],
    [['nothing'], []],
  ])('%j', (parts, wanted) => {
    expect(all.map(({ id }) => id).filter(wantedOf(parts, all))).toEqual(wanted);
  });
});

describe('what a row costs', () => {
  it('counts products only, three times for training', () => {
    const perCharacter = 2 * (4 * 128 * (64 + 128) + 128 * 65);
    expect(flopsPerStep(row)).toBe(3 * perCharacter * 32 * 50);
    expect(flopsPerStep({ ...row, mode: 'infer' })).toBe(perCharacter * 32 * 50);
  });

  it('has as many parameters as it makes', () => {
    const sizes = parametersOf(row).map(({ values }) => values.length);
    expect(sizes.reduce((a, b) => a + b)).toBe(parameterCount(row));
  });
});

describe('statistics', () => {
  it('has the middle one', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it('takes ratios by rounds', () => {
    // A machine that slows to a third half-way: every round agrees on a factor of 2.
    const { result0 } = resultOf(cell('a', [20, 20, 6]), cell('b', [10, 10, 3]));
    expect(ratio(result0, result0.cells[0]!, result0.cells[1]!)).toBe(2);
  });

  it('takes PyTorch at the best of its settings', () => {
    const { result, result0 } = resultOf(cell('pytorch-1', [3, 9, 3]), cell('pytorch-2', [4, 4, 4]), cell('js', [9]));
    expect(bestPytorch(result, result0)?.column).toBe('pytorch-2');
  });
});

describe('PyTorch in several versions', () => {
  const { result, result0 } = resultOf(
    cell('pytorch-1@1.13', [9]),
    cell('pytorch-1@2.6', [4]),
    cell('pytorch-2@2.6', [6]),
  );

  it('is compared with in the newest, 2.10 being newer than 2.6', () => {
    expect(pytorchVersions(result)).toEqual(['2.6', '1.13']);
    expect(bestPytorch(result, result0)?.column).toBe('pytorch-2@2.6');
    expect(bestPytorch(result, result0, '1.13')?.column).toBe('pytorch-1@1.13');
    expect(pytorchVersions(resultOf(cell('pytorch@2.6', [1]), cell('pytorch@2.10', [1])).result)).toEqual([
      '2.10',
      '2.6',
    ]);
  });

  it('has a column each in the table', () => {
    const [, heading] = rowTable(result, result0).trim().split('\n');
    expect(heading).toMatch(/× PyTorch 2\.6 +× PyTorch 1\.13/);
  });
});

describe('slices in which another program took a core', () => {
  const busy = (column: string, ...others: number[]): Cell => ({
    ...cell(column, []),
    slices: others.map((otherSeconds, round) => ({
      round,
      steps: otherSeconds > 0.5 ? 1 : 10,
      seconds: 1,
      otherSeconds,
    })),
  });

  it('do not count', () => {
    const { result, result0 } = resultOf(busy('js', 0.01, 0.9, 0.02), busy('other', 0, 0, 0));
    expect(speeds(result0, liveCells(result0)[0]!).median).toBe(10 * row.time * row.batch);
    expect(ratio(result0, liveCells(result0)[0]!, liveCells(result0)[1]!)).toBe(1);
    expect(rowTable(result, result0)).toContain('other programs took 0.9 of a core in 1 of 6 slices');
  });

  it('leave a column without figures where they are most', () => {
    const { result, result0 } = resultOf(busy('js', 0.9, 0.9, 0), busy('other', 0, 0, 0));
    expect(liveCells(result0).map(({ column }) => column)).toEqual(['other']);
    expect(rowTable(result, result0)).toMatch(/^js +disturbed$/m);
  });

  it('are told from those of a processor whose time is counted in hundredths', () => {
    expect(isDisturbed({ round: 0, steps: 1, seconds: 0.12, otherSeconds: 0.03 })).toBe(false);
    expect(isDisturbed({ round: 0, steps: 1, seconds: 0.12, otherSeconds: 0.12 })).toBe(true);
    expect(isDisturbed({ round: 0, steps: 1, seconds: 0.12 })).toBe(false);
  });
});

it('runs on machines of different vectors are not compared', () => {
  const on = (vectors?: string): ResultFile =>
    ({ ...resultOf(cell('js', [9])).result, date: '', commit: null, machine: { vectors } }) as ResultFile;
  expect(comparison(on('AVX2'), on('AVX-512'))).toContain('of a machine with AVX-512, this one of a machine with AVX2');
  expect(comparison(on('AVX2'), on())).toContain('js');
});

describe('the check that all do the same work', () => {
  it('is content with rounding', () => {
    const { result, result0 } = resultOf(cell('pytorch', [1], [4, 3.9]), cell('js', [1], [4, 3.900001, 3.8]));
    expect(lossComplaints(result, result0)).toEqual([]);
  });

  it('finds another loss and another model', () => {
    const { result, result0 } = resultOf(
      cell('pytorch', [1], [4, 3.9]),
      cell('wrong', [1], [4, 3.901]),
      cell('smaller', [1], [4, 3.9], 9),
      cell('partial', [1], [4, 5]),
    );
    expect(lossComplaints(result, result0)).toEqual([
      'wrong has a loss of 3.901 at step 2, pytorch has 3.9',
      'smaller has 9 parameters, pytorch has 10',
    ]);
  });
});
