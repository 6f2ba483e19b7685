import { expect, test } from 'vitest';
import { jsonFile, markdownFile } from '../src/report/reportFiles.js';
import { find, openPage, reach, summaryOf } from './support/openPage.js';

test('checks backends and measures them, and shows both in its tables', async () => {
  const { page, root } = await openPage(['wasm', 'js'], { ops: ['matmul', 'lstm'], speed: true });
  expect(summaryOf(root, 'wasm')).toBe('Ready');
  find(root, '#start').click();
  await reach(root, 'done');
  for (const backend of ['wasm', 'js']) {
    expect(summaryOf(root, backend)).toBe('✓ All 4 cases pass.');
    const speeds = [...root.querySelectorAll(`[data-backend="${backend}"] .figure`)].map((cell) => cell.textContent);
    expect(speeds).toHaveLength(2);
    for (const speed of speeds) expect(speed).toMatch(/^\d[\d,]* /);
  }
  expect(find(root, '#verdict').textContent).toContain('All 2 backends compute correctly in this browser.');
  const [wasm, js] = [...root.querySelectorAll('tr[data-op="lstm"] td')].map((cell) => cell.textContent.trim());
  expect(wasm).toMatch(/^\d\.\de−\d+passes, of \S+ allowed\s+fused$/);
  expect(js).toMatch(/fused$/);

  const report = JSON.parse(jsonFile(page.check).text) as {
    device: Record<string, string>;
    comparison: { conforms: boolean };
    speeds: { backend: string; row: string; median: number; noise: number }[];
    reports: { outcomes: { name: string; error: number }[] }[];
  };
  expect(report.comparison.conforms).toBe(true);
  expect(report.device['userAgent']).toBe(navigator.userAgent);
  expect(report.speeds.map(({ backend, row }) => `${backend} ${row}`)).toEqual([
    'wasm lstm-h128-b32-t50',
    'wasm lstm-h64-b1-t50',
    'js lstm-h128-b32-t50',
    'js lstm-h64-b1-t50',
  ]);
  for (const { median } of report.speeds) expect(median).toBeGreaterThan(1);
  expect(report.reports.map(({ outcomes }) => outcomes.length)).toEqual([4, 4]);
  expect(markdownFile(page.check).text).toMatch(/## Speed of training[\s\S]*\| wasm \| [\d,]+.* \| [\d,]+.* \|/);
});

test('shows a broken backend as failed, with what is wrong behind its fields', async () => {
  const { root } = await openPage(['js', 'wrong'], { ops: ['flip', 'exp'] });
  find(root, '#start').click();
  await reach(root, 'done');
  expect(summaryOf(root, 'js')).toBe('✓ All 4 cases pass.');
  expect(summaryOf(root, 'wrong')).toBe('✗ 2 of 4 cases fail: flip.');
  expect(find(root, '[data-backend="wrong"] .summary').className).toContain('bad');
  expect(find(root, '#verdict').textContent).toContain('2 cases fail, on wrong.');
  const [sound, failed] = [...root.querySelectorAll('tr[data-op="flip"] td')] as [HTMLElement, HTMLElement];
  expect([sound.className, failed.className]).toEqual(['s0', 'failed']);
  expect(failed.textContent).toContain('✗ 2');

  find(failed, 'button').click();
  const dialog = find(root, 'dialog') as HTMLDialogElement;
  expect(dialog.open).toBe(true);
  expect(dialog.textContent).toContain('2 of 2 cases fail.');
  const messages = [...dialog.querySelectorAll('.failures li')].map((item) => item.textContent);
  expect(messages[0]).toMatch(/^flip: value \(f32\) on wrong: .*expected/);
  find(dialog, '.close').click();
  expect(dialog.open).toBe(false);

  find(root, '#failures-only').click();
  expect([...root.querySelectorAll<HTMLElement>('tr[data-op]')].map(({ dataset }) => dataset['op'])).toEqual(['flip']);
});

test('tells what a backend lacks or why it does not start, and checks the others', async () => {
  const { page, root } = await openPage(['absent', 'unsound', 'js'], { ops: ['exp'] });
  expect(summaryOf(root, 'absent')).toBe('Not here. This browser has none. Take another.');
  expect(summaryOf(root, 'unsound')).toBe('✗ Does not start. no such <adapter>');
  expect(find(root, '[data-backend="absent"] input').matches(':disabled')).toBe(true);
  find(root, '#start').click();
  await reach(root, 'done');
  expect(summaryOf(root, 'js')).toBe('✓ All 2 cases pass.');
  expect(find(root, '#verdict').textContent).toContain('unsound does not start.');
  expect(page.check.comparison().unchecked).toEqual([
    { name: 'absent', status: 'not available', detail: 'This browser has none. Take another.' },
    { name: 'unsound', status: 'does not start', detail: 'no such <adapter>' },
  ]);
});

test('stops at once, and goes on with what is left', async () => {
  const { page, root } = await openPage(['js', 'wasm'], { scope: 'all', ops: ['matmul'] });
  const result = page.check.results[0]!;
  find(root, '#start').click();
  await reach(root, 'running');
  while (result.outcomes.length < 5) await new Promise((resolve) => setTimeout(resolve, 5));
  find(root, '#stop').click();
  await reach(root, 'stopped');
  const done = result.outcomes.length;
  expect(done).toBeLessThan(result.planned!);
  expect(summaryOf(root, 'js')).toBe(`Stopped after ${done} of ${result.planned} cases`);
  expect(summaryOf(root, 'wasm')).toBe('Not checked yet');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(result.outcomes).toHaveLength(done);
  expect(page.check.comparison().backends[0]?.left).toBe(result.planned! - done);

  find(root, '#start').click();
  await reach(root, 'done');
  expect(summaryOf(root, 'js')).toBe(`✓ All ${result.planned} cases pass.`);
  const names = result.outcomes.map(({ name, dtype }) => `${dtype} ${name}`);
  expect(new Set(names).size).toBe(names.length);
});

test('goes on in a new worker when a device is lost', async () => {
  const { page, root } = await openPage(['lost'], { ops: ['sign', 'floor', 'exp'] });
  find(root, '#start').click();
  await reach(root, 'done');
  const { losses, outcomes } = page.check.results[0]!;
  expect(losses).toEqual(['The GPU device was lost.', 'The GPU device was lost.']);
  expect(outcomes.map(({ op, status }) => `${op} ${status}`)).toEqual([
    'sign passed',
    'sign passed',
    'floor failed',
    'floor failed',
    'exp passed',
    'exp passed',
  ]);
  expect(summaryOf(root, 'lost')).toBe('✗ 2 of 6 cases fail: floor. It fell 2 times; the rest ran in a new worker.');
});

test('ends a worker that hangs, and goes on with the next case', async () => {
  const { page, root } = await openPage(['hanging'], { ops: ['floor', 'exp'] }, 4000);
  find(root, '#start').click();
  await reach(root, 'done');
  expect(page.check.results[0]!.outcomes.map(({ op, status }) => `${op} ${status}`)).toEqual([
    'floor failed',
    'floor failed',
    'exp passed',
    'exp passed',
  ]);
  expect(page.check.results[0]!.outcomes[0]?.failure).toBe(
    'floor: value (f32) on hanging: the worker did not survive this case. It gave no sign of life for 4 seconds.',
  );
});

test('lets arrow keys move in the table, which is one stop of the tabulator', async () => {
  const { root } = await openPage(['js', 'wasm'], { ops: ['exp', 'tanh'] });
  find(root, '#start').click();
  await reach(root, 'done');
  const press = (key: string): void => {
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  };
  const stops = [...root.querySelectorAll<HTMLElement>('.matrix button[tabindex="0"]')];
  expect(stops).toHaveLength(1);
  stops[0]!.focus();
  press('ArrowDown');
  press('ArrowRight');
  press('ArrowRight');
  const focused = document.activeElement!;
  expect(focused.closest('tr')?.dataset['op']).toBe('tanh');
  expect(focused.closest('td')?.cellIndex).toBe(2);
  expect(root.querySelectorAll('.matrix button[tabindex="0"]')).toHaveLength(1);
});
