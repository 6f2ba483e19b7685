import { expect, test } from 'vitest';

test('a page is cross-origin isolated', () => {
  expect(crossOriginIsolated).toBe(true);
  expect(new SharedArrayBuffer(4).byteLength).toBe(4);
});

test('a resource declared by using is released at the end of its block', () => {
  const released: string[] = [];
  {
    using resource = { name: 'a', [Symbol.dispose]: () => released.push('a') };
    expect(resource.name).toBe('a');
  }
  expect(released).toEqual(['a']);
});
