import { findChromium } from '@tempograd/vitest-config/chromium';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, type BenchBrowser } from '../src/browser/openBrowser.js';
import { pageColumns } from '../src/browser/pageColumns.js';
import { WorkerPage } from '../src/browser/WorkerPage.js';
import { parseRow } from '../src/grid/Row.js';
import { runBench } from '../src/runBench.js';
import { lossComplaints } from '../src/report/derive.js';
import { resultFileSchema } from '../src/report/ResultFile.js';

const row = parseRow('rnn-h8-b2-t3-e8-v12');

describe.skipIf(findChromium() === undefined && process.env.REQUIRE_BROWSER !== '1')('columns in pages', () => {
  let browser: BenchBrowser;

  beforeAll(async () => {
    browser = await openBrowser([]);
  });
  afterAll(() => browser?.close());

  it('do the same work on one driver, by turns', async () => {
    const settings = { secondsPerSlice: 0.01, rounds: 2, stepLimitSeconds: 60, patienceSeconds: 100, breakdown: true };
    const plan = { rows: [row], columns: pageColumns(browser, []), skipped: [], settings };
    const result = await runBench(plan, () => undefined);
    expect(resultFileSchema.safeParse(result).error).toBeUndefined();
    expect(result.skippedColumns).toEqual([]);
    const names = ['webgpu', 'jax-webgpu', 'tfjs-webgpu', 'tfjs-webgl'].map((name) => `${name}@page`);
    expect(result.columns.map(({ id }) => id)).toEqual(names);
    const [measured] = result.rows;
    expect(measured?.cells.map(({ skipped }) => skipped)).toEqual(names.map(() => null));
    expect(measured?.cells.every(({ slices, losses }) => slices.length > 0 && losses.length > 1)).toBe(true);
    expect(lossComplaints(result, measured!)).toEqual([]);
    // Those on WebGPU tell of the same adapter.
    expect(new Set(result.columns.slice(0, 3).map(({ facts }) => facts.details['adapter'])).size).toBe(1);
  });

  it('give an error as the page words it, and take no more requests after one that is late', async () => {
    const page = await WorkerPage.start(browser, 'webgpu', []);
    await expect(page.ask({ request: 'run', seconds: 0.01 })).rejects.toThrow(/^No row is prepared\.$/);
    expect(page.alive).toBe(true);
    const forever = page.ask({ request: 'prepare', row, steps: 1e9, seconds: 1e9 }, 0.5);
    await expect(forever).rejects.toThrow('no answer in 0.5 s');
    expect(page.alive).toBe(false);
    await expect(page.ask({ request: 'release' })).rejects.toThrow(/closed/);
  });

  it('say why a library does not start', async () => {
    await expect(WorkerPage.start(browser, 'tfjs', ['no-such'])).rejects.toThrow(/no-such/);
  });
});
