import { createBackend } from '@tempograd/backend-js';
import { BackendError, type Backend } from '@tempograd/core/backend';
import { runConformance, type ConformanceReport } from '@tempograd/conformance';
import {
  compareReports,
  comparisonToHtml,
  comparisonToMarkdown,
  reportToHtml,
  reportToJson,
  reportToMarkdown,
  verdictOf,
  type Comparison,
  type UncheckedBackend,
} from '@tempograd/conformance/report';
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

describe('a comparison', () => {
  let comparison: Comparison;

  beforeAll(async () => {
    const sound = await runConformance({
      backend: createBackend(),
      oracle: createBackend(),
      only: { names: ['flip: value', 'exp: value', 'exp: gradient', 'lstm: gradient'], dtypes: ['f32'] },
    });
    comparison = compareReports(
      [report, sound],
      [{ name: 'absent', status: 'not installed', detail: 'npm install absent' }],
    );
  });

  test('has a column for each backend and dtype, a field for each op, and every failure', () => {
    expect(comparison.columns).toEqual([
      { backend: 'a<b', dtype: 'f32' },
      { backend: 'js', dtype: 'f32' },
      { backend: 'a<b', dtype: 'f64' },
    ]);
    expect(comparison.conforms).toBe(false);
    expect(comparison.failures.map(({ backend, name, dtype }) => `${backend} ${name} ${dtype}`)).toContain(
      'a<b flip: gradient f64',
    );
    expect(comparison.deviations).toHaveLength(2);
    expect(comparison.backends.map(({ name, passed, failed, deviates }) => [name, passed, failed, deviates])).toEqual([
      ['a<b', 4, 4, 2],
      ['js', 4, 0, 0],
    ]);
    const fieldsOf = (name: string): Comparison['rows'][number]['fields'] | undefined =>
      comparison.rows.find(({ op }) => op === name)?.fields;
    expect(fieldsOf('flip')).toMatchObject([{ failed: 2, value: { failed: 1 } }, { failed: 0 }, { failed: 2 }]);
    expect(fieldsOf('lstm')).toMatchObject([{ value: null, path: 'fused' }, { path: 'fused' }, {}]);
    expect(fieldsOf('exp')?.[1]?.gradient?.worst?.error).toBeLessThan(1e-3);
    expect(fieldsOf('exp')?.[0]?.gradient).toBeNull();
    expect(fieldsOf('pow')).toMatchObject([{ deviating: 1 }, null, { deviating: 1 }]);
  });

  test('conforms with a backend that is missing, and not with one that does not start', () => {
    const about = { name: 'other', detail: 'why' } as const;
    const outcomes = report.outcomes.filter(({ status }) => status !== 'failed');
    const sound = { ...report, outcomes, planned: outcomes.length };
    const conforms = (status: UncheckedBackend['status']): boolean =>
      compareReports([sound], [{ ...about, status }]).conforms;
    expect((['not installed', 'not available'] as const).map(conforms)).toEqual([true, true]);
    expect((['does not start', 'stopped'] as const).map(conforms)).toEqual([false, false]);
    expect(compareReports([], []).conforms).toBe(false);
  });

  test('has of each field the error closest to its tolerance, with the reason and the case, and how many cases ran', () => {
    const row = comparison.rows.find(({ op }) => op === 'lstm');
    expect(row?.group).toBe('recurrent');
    const field = row?.fields[0];
    expect(field?.cases).toBe(1);
    expect(field?.worst).toEqual({ ...field?.gradient?.worst, name: 'lstm: gradient' });
    expect(field?.worst?.reason).toContain('a step of 1/64 divides rounding errors of 6e-8');
  });

  test('does not conform while cases are left, and says how many', () => {
    const sound = { ...report, outcomes: report.outcomes.filter(({ status }) => status !== 'failed') };
    const half = compareReports([{ ...sound, planned: sound.outcomes.length + 3 }]);
    expect(half.conforms).toBe(false);
    expect(half.backends.map((backend) => [verdictOf(backend), backend.left])).toEqual([['not finished', 3]]);
    expect(comparisonToMarkdown(half)).toContain('| **not finished**, 3 cases not run |');
    expect(comparisonToHtml(half)).toContain('not finished, 3 cases not run</td>');
  });

  test('is shown with a title, facts and tables of others', () => {
    const page = {
      title: 'A <device>',
      facts: [['GPU', 'a|b <c>']],
      tables: [{ title: 'Speed', note: 'Higher is better.', head: ['backend', 'steps'], rows: [['js', '3 | 4']] }],
    } as const;
    const markdown = comparisonToMarkdown(comparison, page);
    expect(markdown).toContain('# A &lt;device>\n');
    expect(markdown).toContain('- GPU: a\\|b &lt;c>\n');
    expect(markdown).toContain('## Speed\n\nHigher is better.\n\n| backend | steps |\n|---|---|\n| js | 3 \\| 4 |\n');
    const html = comparisonToHtml(comparison, page);
    expect(html).toContain('<title>A &lt;device&gt;</title>');
    expect(html).toContain('<dt>GPU</dt><dd>a|b &lt;c&gt;</dd>');
    expect(html).toContain('<tr><th>js</th><td>3 | 4</td></tr>');
  });

  test('as Markdown has failures first, verdicts and the table', () => {
    const page = comparisonToMarkdown(comparison);
    expect(page.indexOf('## Failures')).toBeLessThan(page.indexOf('## Backends'));
    expect(page).toContain('| a&lt;b | **does not conform** | 4 | 4 | 2 |');
    expect(page).toContain('| absent | not installed: npm install absent |');
    expect(page).toContain('| op | a&lt;b | js | a&lt;b f64 |');
    expect(page).toMatch(/\| flip \| \*\*✗\*\* \/ \*\*✗\*\* \*\*2 failed\*\* \| exact \/ – \|/);
    expect(page).toMatch(/\| lstm \| – \/ \S+ fused \| – \/ \S+ fused \|/);
  });

  test('as HTML is one page that needs nothing else, with everything escaped', () => {
    const page = comparisonToHtml(comparison);
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain('Not all backends conform');
    expect(page).toContain('<th colspan="3" class="group">a&lt;b f64</th>');
    expect(page).toContain('failed">1 failed</td>');
    expect(page).toContain('npm install absent');
    expect(page).not.toMatch(/a<b|https?:|<script/);
  });
});

test('a run ends after the case under way when its signal is aborted', async () => {
  const stop = new AbortController();
  let ran = 0;
  const running = runConformance({
    backend: createBackend(),
    oracle: createBackend(),
    signal: stop.signal,
    onCase: () => {
      if (++ran === 3) stop.abort(new Error('enough'));
    },
  });
  await expect(running).rejects.toThrow('enough');
  expect(ran).toBe(3);
});

describe('a backend that answers no more', () => {
  const only = { names: ['exp: value', 'exp: gradient', 'tanh: value', 'lstm: gradient'], dtypes: ['f32'] } as const;

  /** A backend that is lost from some moment on. */
  const losing = (): { readonly backend: Backend; lose(): void } => {
    const backend = createBackend() as Backend;
    let lost = false;
    const guarded = Object.entries(backend).map(([name, member]) => {
      if (typeof member !== 'function' || name === 'memory') return [name, member];
      const act = member as (...args: unknown[]) => unknown;
      return [
        name,
        (...args: unknown[]) => {
          if (lost) throw new BackendError('The device is gone.');
          return act(...args);
        },
      ];
    });
    return { backend: { ...backend, ...Object.fromEntries(guarded) }, lose: () => void (lost = true) };
  };

  test('ends the run after the case that failed, and a new one runs what is left', async () => {
    const started: string[] = [];
    const { backend, lose } = losing();
    const lost = await runConformance({
      backend,
      oracle: createBackend(),
      only,
      onStart: ({ name, dtype }, done, total) => {
        started.push(`${name} (${dtype}) ${done}/${total}`);
        if (name === 'exp: gradient') lose();
      },
    });
    expect(lost.lost).toBe('The device is gone.');
    expect(lost.outcomes.map(({ status }) => status)).toEqual(['passed', 'failed']);
    expect(lost.planned).toBe(4);
    expect(started).toEqual(['exp: value (f32) 0/4', 'exp: gradient (f32) 1/4']);
    expect(reportToMarkdown(lost)).toContain('1 failed, 0 deviate on purpose, 2 not run.');
    expect(reportToMarkdown(lost)).toContain('The run ended before: the backend answered no more. The device is gone.');
    expect(reportToHtml(lost)).toContain('<b>2</b> not run');

    const seen: string[] = [];
    const rest = await runConformance({
      backend: createBackend(),
      oracle: createBackend(),
      only,
      resume: lost.outcomes,
      onCase: ({ name }, done, total) => seen.push(`${name} ${done}/${total}`),
    });
    expect(seen).toEqual(['tanh: value 3/4', 'lstm: gradient 4/4']);
    expect(rest.outcomes.slice(0, 2)).toEqual(lost.outcomes);
    expect([rest.outcomes.length, rest.planned, rest.lost]).toEqual([4, 4, null]);
    expect(compareReports([rest]).failures.map(({ name }) => name)).toEqual(['exp: gradient']);
  });

  test('is told from one that is only wrong', async () => {
    const backend = createBackend();
    const wrong = { ...backend, unary: (_op, x) => backend.unary('neg', x) } as typeof backend;
    const { lost, outcomes, planned } = await runConformance({ backend: wrong, oracle: createBackend(), only });
    expect(lost).toBeNull();
    expect(outcomes).toHaveLength(planned);
    expect(outcomes[0]?.status).toBe('failed');
  });
});
