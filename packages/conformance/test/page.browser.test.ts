import { createBackend } from '@tempograd/backend-js';
import { runConformance } from '@tempograd/conformance';
import { reportToHtml } from '@tempograd/conformance/report';
import { expect, test } from 'vitest';

test('the suite runs in a page and shows its report there', async () => {
  const seen: number[] = [];
  const report = await runConformance({
    backend: createBackend(),
    oracle: createBackend(),
    only: { groups: ['contract', 'rows', 'nonFinite', 'random', 'credit', 'memory', 'paths'] },
    onCase: (_, done) => seen.push(done),
  });
  expect(report.outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
  expect(seen.at(-1)).toBe(report.outcomes.length);

  const frame = document.createElement('iframe');
  frame.srcdoc = reportToHtml(report);
  document.body.append(frame);
  await new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
  const page = frame.contentDocument as Document;
  expect(page.querySelector('h1')?.textContent).toBe('✓ js conforms');
  expect(page.querySelectorAll('tbody tr').length).toBeGreaterThan(10);
});
