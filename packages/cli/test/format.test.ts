import { afterEach, expect, test, vi } from 'vitest';
import { terminalWidth } from '../src/present/format.js';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test.each([
  [120, 120],
  [10, 20],
  [0, 80],
  [undefined, 80],
])('a terminal of %s columns is written to as if it had %s', (columns, width) => {
  vi.stubGlobal('process', { ...process, stdout: { isTTY: true, columns } });
  expect(terminalWidth()).toBe(width);
});
