import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { speeds } from '../src/report/derive.js';
import { readResultFile, type ResultFile } from '../src/report/ResultFile.js';

const folder = mkdtempSync(join(tmpdir(), 'tempograd-bench-'));
const out = join(folder, 'run');
const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const major = process.versions.node.split('.')[0] as string;

function bench(...args: string[]): string {
  return execFileSync(process.execPath, [program, ...args], { encoding: 'utf8' });
}

afterAll(() => rmSync(folder, { recursive: true }));

describe('a run of one row on the reference backend', () => {
  let printed: string;
  let result: ResultFile;

  beforeAll(() => {
    const short = ['--nodes', major, '--columns', 'js@', '--seconds', '0.1', '--rounds', '3', '--out', out];
    printed = bench('--rows', 'gru-2x16-b4-t8-e8-v20', ...short);
    result = readResultFile(`${out}.json`);
  });

  it('keeps raw figures that fit the schema', () => {
    expect(result.columns.map(({ id }) => id)).toEqual([`js@${major}`]);
    const row = result.rows[0]!;
    const cell = row.cells[0]!;
    expect(cell.skipped).toBeNull();
    expect(cell.slices.map(({ round }) => round)).toEqual([0, 1, 2]);
    expect(speeds(row, cell).median).toBeGreaterThan(0);
    // One layer's gates are 3·16·(8 + 16 + 2), the next one's 3·16·(16 + 16 + 2).
    expect(cell.parameters).toBe(20 * 8 + 3 * 16 * (26 + 34) + 20 * 16 + 20);
    // A vocabulary of 20 is not known at the start: ln 20.
    expect(cell.losses[0]).toBeCloseTo(Math.log(20), 1);
  });

  it('says where a step goes, in parts that add up', () => {
    const { step, parts } = result.rows[0]!.cells[0]!.breakdown!;
    expect(Object.values(parts).reduce((a, b) => a + b)).toBeCloseTo(step, 9);
    expect(parts['recurrent backward']).toBeGreaterThan(0);
  });

  it('prints a table and draws a picture', () => {
    expect(printed).toContain('gru-2x16-b4-t8-e8-v20');
    expect(printed).not.toContain('NOT THE SAME WORK');
    expect(readFileSync(`${out}.svg`, 'utf8')).toMatch(/^<svg[\s\S]+gru-2x16-b4-t8-e8-v20[\s\S]+<\/svg>/);
    expect(existsSync(`${out}.json`)).toBe(true);
  });

  it('compares with an earlier file', () => {
    // Whatever else the machine does while the tests run.
    const quiet = join(folder, 'quiet.json');
    writeFileSync(quiet, readFileSync(`${out}.json`, 'utf8').replaceAll(/,\s*"otherSeconds": [\d.e-]+/g, ''));
    const again = bench('--show', quiet, '--compare', quiet);
    expect(again).toMatch(/compared with the earlier run[\s\S]+ js@\d+ .* 1 /);
  });
});

it('the adapter over tfjs does the same work as tfjs itself', () => {
  const file = join(folder, 'adapter');
  const columns = ['tfjs-wasm@', 'tfjs-cpu@', 'tfjs-adapter'].join(',');
  const printed = bench(
    '--rows',
    'lstm-2x8-b4-t6-e8-v12,gru-h8-b4-t6-e8-v12',
    '--nodes',
    major,
    '--columns',
    columns,
    '--seconds',
    '0.05',
    '--rounds',
    '1',
    '--out',
    file,
  );
  expect(printed).not.toContain('NOT THE SAME WORK');
  const { rows } = readResultFile(`${file}.json`);
  const names = ['tfjs-wasm', 'tfjs-adapter-wasm', 'tfjs-cpu', 'tfjs-adapter-cpu'];
  expect(rows).toHaveLength(2);
  for (const { cells } of rows) {
    expect(cells.map(({ column }) => column)).toEqual(names.map((name) => `${name}@${major}`));
    for (const { skipped, losses } of cells) expect([skipped, losses.length > 1]).toEqual([null, true]);
  }
});

it('columns on WebGPU do the same work in Node, or say what is missing', () => {
  const file = join(folder, 'webgpu');
  const names = ['webgpu', 'jax-webgpu', 'tfjs-webgpu'];
  const measure = ['--seconds', '0.01', '--rounds', '1', '--limit', '60', '--patience', '100'];
  const where = ['--nodes', major, '--columns', names.join(','), '--out', file];
  const printed = bench('--rows', 'rnn-h8-b2-t2-e8-v12', ...where, ...measure);
  const { columns, skippedColumns, rows } = readResultFile(`${file}.json`);
  expect([...columns, ...skippedColumns].map(({ id }) => id).sort()).toEqual(
    names.map((id) => `${id}@${major}`).sort(),
  );
  for (const { reason } of skippedColumns) expect(reason).toMatch(/adapter/);
  expect(printed).not.toContain('NOT THE SAME WORK');
  for (const { skipped, losses } of rows[0]!.cells) expect([skipped, losses.length > 1]).toEqual([null, true]);
}, 360_000);
