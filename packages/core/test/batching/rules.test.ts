import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { sizeOf } from '../../src/backend/index.js';
import { batchRules, type BatchRules } from '../../src/batching/batchRules.js';
import * as tg from '../../src/index.js';
import type { Primitive } from '../../src/tensor/primitive.js';
import type { Tensor } from '../../src/index.js';
import { cases } from './primitiveCases.js';
import { backend, distance, live, loop, random } from './support.js';

describe('vmap of every primitive is the loop over rows, whichever inputs are batched', () => {
  test.each(Object.keys(cases) as Primitive[])('%s', (primitive) => {
    tg.useBackend(backend);
    fc.assert(
      fc.property(cases[primitive], fc.integer({ min: 0, max: 3 }), ({ inputs, apply }, size) => {
        for (let subset = 1; subset < 2 ** inputs.length; subset++) {
          const before = live();
          tg.scope(() => {
            const given = inputs.map(([s, dtype], index) =>
              random(subset & (1 << index) ? [size, ...s] : s, index, dtype),
            );
            const batched = given.filter((_, index) => subset & (1 << index));
            const fn = (rows: Tensor[]): Tensor => {
              let next = 0;
              return apply(...given.map((x, index) => (subset & (1 << index) ? rows[next++]! : x)));
            };
            const actual = tg.vmap(fn)(batched);
            if (size > 0) {
              expect(distance(actual, loop(fn, batched))).toBeLessThan(primitive === 'matmul' ? 1e-12 : 1e-300);
            } else {
              const one = apply(...inputs.map(([s, dtype], index) => random(s, index, dtype)));
              expect(actual.shape).toEqual([0, ...one.shape]);
              expect(actual.readSync()).toHaveLength(sizeOf(actual.shape));
            }
          });
          expect(live()).toBe(before);
        }
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});

test('every primitive has a batching rule, and a missing one is a type error', () => {
  expect(Object.keys(batchRules).sort()).toEqual(Object.keys(cases).sort());
  expectTypeOf<keyof BatchRules>().toEqualTypeOf<Primitive>();
  const { tanh: dropped, ...without } = batchRules;
  expect(dropped).toBeDefined();
  // @ts-expect-error the rule of tanh is missing
  const incomplete: BatchRules = without;
  expect('tanh' in incomplete).toBe(false);
});
