import { createBackend } from '@tempograd/backend-js';
import { afterAll, expect, test } from 'vitest';
import { attackShapes, disposePlaces, wasmPlace, wasmPlaces, type Place } from '../src/index.js';

const places: Place[] = [];

afterAll(() => {
  disposePlaces(places);
});

test('layers of random shapes and truncations of random lengths are right on every build, to the bit for 1 to 3 threads', async () => {
  places.push(...(await wasmPlaces()), await wasmPlace('simd', 2), await wasmPlace('simd', 3));
  const report = await attackShapes({ seed: 1, shapes: 14, others: places });
  expect(report).toEqual({ layers: 14, problems: 7, failures: [] });
});

test('a wrong gradient, other bits and what is left behind are found', async () => {
  const js = createBackend();
  const place = (name: string, change: Partial<typeof js>): Place => ({
    backend: { ...js, ...change },
    dtype: 'f64',
    name,
  });
  const scaled: Partial<typeof js> = {
    recurrentBackward(args) {
      const result = js.recurrentBackward!(args);
      const { weightHh } = result;
      if (weightHh === null) return result;
      const handle = js.binary('mul', weightHh, 1 + 1e-9);
      js.release(weightHh.handle);
      return { ...result, weightHh: { ...weightHh, handle } };
    },
  };
  const composed: Partial<typeof js> = { recurrentForward: undefined, recurrentBackward: undefined };
  const { failures } = await attackShapes({
    seed: 2,
    shapes: 10,
    others: [place('wrong', scaled), place('sound, fused', {}), place('sound, composed', composed)],
  });
  const faults = failures.map(({ fault }) => fault);
  expect(faults.filter((fault) => fault.startsWith('wrong: the gradient is off')).length).toBeGreaterThan(0);
  expect(faults.filter((fault) => /^wrong: .* steps.*: off by/.test(fault)).length).toBeGreaterThan(0);
  expect(
    faults.filter((fault) => fault.startsWith('sound, composed: other bits than sound, fused')).length,
  ).toBeGreaterThan(0);
  expect(faults.filter((fault) => fault.startsWith('js f64'))).toEqual([]);
});
