import { binaryOps, broadcastShapes, compareOps, unaryOps, type Shape } from '@tempograd/core/backend';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectAgreement, floats, integers, shapes, stretchable, type Input } from '../support/oracle.js';
import { describeVariants } from '../support/variants.js';

const special = [0, -0, 1, -1, 0.5, -2.5, 3, 100, -100, 1e-30, 1e30, Infinity, -Infinity, NaN];
const positiveOnly = ['log', 'log1p', 'sqrt'];

describeVariants('elementwise', (backend) => {
  test.each(unaryOps)('%s of any shape', (op) => {
    fc.assert(
      fc.property(shapes(), (shape) => {
        const x = floats(shape, 3, 4);
        const input = positiveOnly.includes(op) ? { ...x, values: Array.from(x.values, Math.abs) } : x;
        expectAgreement(backend(), [input], (b, a) => [{ ...a, handle: b.unary(op, a) }]);
      }),
      { numRuns: 15 },
    );
  });

  test.each(unaryOps)('%s of special values', (op) => {
    const input: Input = { shape: [special.length], dtype: 'f32', values: special };
    expectAgreement(backend(), [input], (b, a) => [{ ...a, handle: b.unary(op, a) }], 3e-7);
  });

  test('integer neg, abs, sign and relu', () => {
    for (const op of ['neg', 'abs', 'sign', 'relu'] as const) {
      expectAgreement(backend(), [integers([37], 5, -9, 9)], (b, a) => [{ ...a, handle: b.unary(op, a) }], 0);
    }
  });

  test.each(binaryOps)('%s broadcasts', (op) => {
    const pairs = shapes().chain((full) => fc.tuple(stretchable(full), stretchable(full)));
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        const left =
          op === 'pow' ? { ...floats(a, 1), values: Array.from(floats(a, 1).values, Math.abs) } : floats(a, 1);
        const shape = broadcastShapes(a, b, op);
        expectAgreement(backend(), [left, floats(b, 2)], (k, x, y) => [{ ...x, shape, handle: k.binary(op, x, y) }]);
      }),
      { numRuns: 40 },
    );
  });

  test.each(binaryOps)('%s of special values', (op) => {
    const column: Input = { shape: [special.length, 1], dtype: 'f32', values: special };
    const row: Input = { shape: [special.length], dtype: 'f32', values: special };
    const shape = [special.length, special.length];
    expectAgreement(backend(), [column, row], (k, x, y) => [{ ...x, shape, handle: k.binary(op, x, y) }], 3e-7);
  });

  test('integer add, sub, mul, maximum and minimum broadcast', () => {
    for (const op of ['add', 'sub', 'mul', 'maximum', 'minimum'] as const) {
      const inputs = [integers([5, 1, 7], 1, -50, 50), integers([3, 1], 2, -50, 50)];
      expectAgreement(backend(), inputs, (k, x, y) => [{ ...x, shape: [5, 3, 7], handle: k.binary(op, x, y) }], 0);
    }
  });

  test.each(compareOps)('%s gives 0 or 1', (op) => {
    const dtype = 'i32';
    const column: Input = { shape: [special.length, 1], dtype: 'f32', values: special };
    const row: Input = { shape: [special.length], dtype: 'f32', values: special };
    const shape = [special.length, special.length];
    expectAgreement(backend(), [column, row], (k, x, y) => [{ shape, dtype, handle: k.compare(op, x, y) }], 0);
    const whole = [integers([6, 5], 1, 0, 4), integers([5], 2, 0, 4)];
    expectAgreement(backend(), whole, (k, x, y) => [{ shape: [6, 5], dtype, handle: k.compare(op, x, y) }], 0);
  });

  test('select broadcasts all three', () => {
    const triples = shapes().chain((full) => fc.tuple(stretchable(full), stretchable(full), stretchable(full)));
    fc.assert(
      fc.property(triples, ([c, a, b]) => {
        const shape: Shape = broadcastShapes(c, broadcastShapes(a, b, 'select'), 'select');
        const inputs = [integers(c, 1, -1, 2), floats(a, 2), floats(b, 3)];
        expectAgreement(backend(), inputs, (k, x, y, z) => [{ ...y, shape, handle: k.select(x, y, z) }], 0);
      }),
      { numRuns: 40 },
    );
  });

  test('select leaks no NaN from the branch not taken', () => {
    const inputs: Input[] = [
      { shape: [5], dtype: 'i32', values: [1, 0, 7, 0, -1] },
      { shape: [5], dtype: 'f32', values: [1, NaN, 3, NaN, 5] },
      { shape: [5], dtype: 'f32', values: [NaN, 2, NaN, 4, NaN] },
    ];
    expectAgreement(backend(), inputs, (k, c, a, b) => [{ ...a, handle: k.select(c, a, b) }], 0);
  });

  test('cast truncates toward zero, and back', () => {
    const input: Input = { shape: [7], dtype: 'f32', values: [0.9, -0.9, 1.5, -1.5, 1e6, -7, 0] };
    expectAgreement(backend(), [input], (b, x) => [{ ...x, dtype: 'i32', handle: b.cast(x, 'i32') }], 0);
    const whole = integers([7], 4, -1000, 1000);
    const x = backend().write(Int32Array.from(whole.values), [7], 'i32');
    const y = backend().cast({ handle: x, shape: [7], dtype: 'i32' }, 'f32');
    expect(backend().readSync!({ handle: y, shape: [7], dtype: 'f32' })).toEqual(Float32Array.from(whole.values));
    backend().release(x);
    backend().release(y);
  });

  test('large tensors', () => {
    const shape = [70, 1003];
    expectAgreement(backend(), [floats(shape, 1)], (b, a) => [{ ...a, handle: b.unary('tanh', a) }]);
    const program = [floats(shape, 1), floats([1003], 2)];
    expectAgreement(backend(), program, (b, x, y) => [{ ...x, handle: b.binary('mul', x, y) }]);
  });
});
