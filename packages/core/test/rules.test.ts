import { expect, expectTypeOf, test } from 'vitest';
import { jvpRules, type JvpRules } from '../src/autodiff/jvpRules.js';
import { vjpRules, type VjpRules } from '../src/autodiff/vjpRules.js';
import type { Primitive } from '../src/tensor/primitive.js';

test('every primitive has a rule in both tables', () => {
  expect(Object.keys(vjpRules).sort()).toEqual(Object.keys(jvpRules).sort());
  expectTypeOf<keyof VjpRules>().toEqualTypeOf<Primitive>();
  expectTypeOf<keyof JvpRules>().toEqualTypeOf<Primitive>();
});

test('a missing rule is a type error', () => {
  const { tanh: pulled, ...withoutVjp } = vjpRules;
  const { tanh: pushed, ...withoutJvp } = jvpRules;
  expect([pulled, pushed]).not.toContain(undefined);
  // @ts-expect-error the rule of tanh is missing
  const incompleteVjp: VjpRules = withoutVjp;
  // @ts-expect-error the rule of tanh is missing
  const incompleteJvp: JvpRules = withoutJvp;
  expect([incompleteVjp, incompleteJvp].every((table) => !('tanh' in table))).toBe(true);
});
