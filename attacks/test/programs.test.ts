import { createBackend } from '@tempograd/backend-js';
import type { Backend } from '@tempograd/core/backend';
import { afterAll, expect, test } from 'vitest';
import { attackPrograms, disposePlaces, tfjsPlace, wasmPlace, type Place } from '../src/index.js';

const places: Place[] = [];

afterAll(() => {
  disposePlaces(places);
});

test('random programs have exact values and derivatives on every backend', async () => {
  places.push(await wasmPlace('simd', 2), await tfjsPlace());
  const report = await attackPrograms({ seed: 1, programs: 25, others: places });
  expect(report.failures).toEqual([]);
  expect(report.comparisons).toBe(25 * (10 + 2 * 8));
  expect(report.steps).toBeGreaterThan(200);
  // The numbers compared are real ones, and rounding is seen.
  expect(report.worst).toBeGreaterThan(1e-5);
});

test('the same number makes the same program, alone or not', async () => {
  const all = await attackPrograms({ seed: 3, programs: 3 });
  const each = [0, 1, 2].map((from) => attackPrograms({ seed: 3, programs: 1, from }));
  const steps = (await Promise.all(each)).map((report) => report.steps);
  expect(steps.reduce((sum, count) => sum + count)).toBe(all.steps);
  expect(new Set(steps).size).toBeGreaterThan(1);
});

/** Backends with one thing wrong. */
const faults: Readonly<Record<string, (js: Backend) => Partial<Backend>>> = {
  'a flip that does nothing': (js) => ({ flip: (x) => js.reshape(x, x.shape) }),
  'a tanh with an error of 1e-11': (js) => ({
    unary(op, x) {
      const y = { handle: js.unary(op, x), shape: x.shape, dtype: x.dtype };
      if (op !== 'tanh') return y.handle;
      const wrong = js.binary('mul', y, 1 + 1e-11);
      js.release(y.handle);
      return wrong;
    },
  }),
  'a sum that keeps its operand': (js) => ({
    sum(x, axes) {
      js.reshape(x, x.shape);
      return js.sum(x, axes);
    },
  }),
};

test.each(Object.entries(faults))('%s is found, and cut down to what is needed', async (_, fault) => {
  const js = createBackend();
  const faulty: Place = { backend: { ...js, ...fault(js) }, dtype: 'f64', name: 'faulty' };
  const { failures } = await attackPrograms({ seed: 1, programs: 40, others: [faulty] });
  expect(failures.length).toBeGreaterThan(0);
  for (const { fault: text } of failures) expect(text).toMatch(/^faulty: /);
  const shortest = Math.min(...failures.map(({ listing }) => listing.split('\n').length));
  expect(shortest).toBeLessThan(12);
});
