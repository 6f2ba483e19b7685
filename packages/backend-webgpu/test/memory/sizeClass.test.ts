import { expect, test } from 'vitest';
import { sizeClass } from '../../src/memory/sizeClass.js';

test('buffers are at least as large as what they are for, and at most an eighth larger', () => {
  expect([0, 4, 256].map((bytes) => sizeClass(bytes, 2 ** 32))).toEqual([256, 256, 256]);
  for (let bytes = 4096; bytes < 2 ** 33; bytes = 4 * Math.ceil((bytes * 1.07) / 4)) {
    const size = sizeClass(bytes, 2 ** 40);
    expect(size).toBeGreaterThanOrEqual(bytes);
    expect(size).toBeLessThanOrEqual(bytes * 1.125 + 256);
    expect(sizeClass(size, 2 ** 40)).toBe(size);
  }
});

test('none is larger than a device makes them, where its limit is no such size', () => {
  const most = 2 ** 32 - 1;
  expect(sizeClass(most - 3, most)).toBe(most - 3);
  expect(sizeClass(2 ** 32 - 2 ** 20, most)).toBe(2 ** 32 - 256);
  expect(sizeClass(2 ** 31, most)).toBe(2 ** 31);
});
