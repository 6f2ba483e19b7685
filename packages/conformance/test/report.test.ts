import { createBackend } from '@tempograd/backend-js';
import {
  reportToHtml,
  reportToJson,
  reportToMarkdown,
  runConformance,
  type ConformanceReport,
} from '@tempograd/conformance';
import { beforeAll, describe, expect, test } from 'vitest';

let report: ConformanceReport;

beforeAll(async () => {
  const backend = createBackend();
  const broken = { ...backend, name: 'a<b', flip: (x) => backend.reshape(x, x.shape) } as typeof backend;
  report = await runConformance({
    backend: broken,
    oracle: createBackend(),
    only: {
      names: ['flip: value', 'flip: gradient', 'exp: value', 'lstm: gradient', 'pow: value, of NaN and infinity'],
    },
    deviations: [{ case: 'pow: value, of NaN and infinity', reason: 'no NaN | here', assert: () => undefined }],
  });
});

describe('a report', () => {
  test('as Markdown has failures, deviations and a table', () => {
    const page = reportToMarkdown(report);
    expect(page).toContain('**Failed**: 4 cases passed, 4 failed, 2 deviate on purpose');
    expect(page).toContain('- flip: value (f32) on a&lt;b: ');
    expect(page).toContain('pow: value, of NaN and infinity (f32): no NaN \\| here');
    expect(page).toMatch(/\| lstm \| f32 \|  \| \S+ \/ \S+ \(1\) \|  \|  \|  \| fused \| /);
    expect(page).toContain('| flip | f64 | **1 failed** (1) | **1 failed** (1) |');
  });

  test('as JSON can be read back', () => {
    const read = JSON.parse(reportToJson(report)) as ConformanceReport & { counts: unknown; rows: { op: string }[] };
    expect(read.counts).toEqual({ passed: 4, failed: 4, deviates: 2 });
    expect(read.rows.map(({ op }) => op)).toEqual(expect.arrayContaining(['exp', 'flip', 'lstm', 'pow']));
    expect(read.outcomes).toHaveLength(10);
  });

  test('as HTML is one page that needs nothing else, with everything escaped', () => {
    const page = reportToHtml(report);
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain('a&lt;b does not conform');
    expect(page).toContain('<b>flip: value</b> (f32) on a&lt;b');
    expect(page).toContain('<td class="failed">1 failed');
    expect(page).not.toMatch(/a<b|https?:|<script/);
  });
});
