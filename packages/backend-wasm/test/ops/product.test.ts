import { broadcastShapes } from '@tempograd/core/backend';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectAgreement, floats, integers, stretchable } from '../support/oracle.js';
import { describeVariants } from '../support/variants.js';

const length = fc.integer({ min: 0, max: 9 });
const leads = fc
  .array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 })
  .chain((full) => fc.tuple(stretchable(full), stretchable(full)));

describeVariants('products', (backend) => {
  test('matmul of any shapes, broadcast and transposed', () => {
    fc.assert(
      fc.property(leads, length, length, length, fc.boolean(), fc.boolean(), ([leadA, leadB], m, n, k, tA, tB) => {
        const a = floats([...leadA, ...(tA ? [k, m] : [m, k])], 1);
        const b = floats([...leadB, ...(tB ? [n, k] : [k, n])], 2);
        const shape = [...broadcastShapes(leadA, leadB, 'matmul'), m, n];
        expectAgreement(backend(), [a, b], (be, x, y) => [{ ...x, shape, handle: be.matmul(x, y, tA, tB) }], 2e-6);
      }),
      { numRuns: 80 },
    );
  });

  test.each([
    [32, 512, 128],
    [1, 256, 65],
    [130, 67, 300],
    [512, 128, 37],
  ])('matmul of %i × %i over %i in all four transpositions', (m, n, k) => {
    for (const [tA, tB] of [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ] as const) {
      const inputs = [floats(tA ? [k, m] : [m, k], 1), floats(tB ? [n, k] : [k, n], 2)];
      expectAgreement(backend(), inputs, (b, x, y) => [{ ...x, shape: [m, n], handle: b.matmul(x, y, tA, tB) }], 2e-6);
    }
  });

  test('an integer matmul is refused with the remedy', () => {
    const x = integers([2, 2], 1, 0, 5);
    const handle = backend().write(Int32Array.from(x.values), [2, 2], 'i32');
    const operand = { handle, shape: [2, 2], dtype: 'i32' as const };
    expect(() => backend().matmul(operand, operand, false, false)).toThrow(/floating-point.*cast/i);
    backend().release(handle);
  });

  test('linear with and without bias, and all its gradients', () => {
    const inputs = [floats([37, 20], 1), floats([13, 20], 2), floats([13], 3), floats([37, 13], 4)];
    expectAgreement(
      backend(),
      inputs,
      (b, x, w, bias, g) => {
        const all = b.linearBackward!(x, w, g, { x: true, weight: true, bias: true });
        const none = b.linearBackward!(x, w, g, { x: false, weight: false, bias: false });
        return [
          { ...x, shape: [37, 13], handle: b.linearForward!(x, w, bias) },
          { ...x, shape: [37, 13], handle: b.linearForward!(x, w, null) },
          { ...x, handle: all.x! },
          { ...w, handle: all.weight! },
          { ...bias, handle: all.bias! },
          none.x === null && none.weight === null && none.bias === null ? null : x,
        ];
      },
      2e-6,
    );
  });
});
