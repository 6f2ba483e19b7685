import fc from 'fast-check';
import { expect, test } from 'vitest';
import { axesOf, expectAgreement, floats, integers, numbers, shapes, type Input } from '../support/oracle.js';
import { describeVariants } from '../support/variants.js';

const reductions = shapes(5).chain((shape) => fc.tuple(fc.constant(shape), axesOf(shape)));

describeVariants('reductions', (backend) => {
  test.each(['sum', 'max'] as const)('%s over any axes', (op) => {
    fc.assert(
      fc.property(reductions, fc.boolean(), ([shape, axes], whole) => {
        fc.pre(op === 'sum' || axes.every((axis) => shape[axis]! > 0));
        const rest = shape.filter((_, axis) => !axes.includes(axis));
        const input = whole ? integers(shape, 1, -100, 100) : floats(shape, 1);
        expectAgreement(backend(), [input], (b, x) => [{ ...x, shape: rest, handle: b[op](x, axes) }], 1e-6, 10);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    [[100_003], [0]],
    [
      [300, 517],
      [0, 1],
    ],
    [[2000, 37], [0]],
    [[37, 2000], [1]],
    [[7, 65, 130], [1]],
    [
      [7, 65, 13],
      [0, 2],
    ],
  ])('sum and max of %j over %j', (shape, axes) => {
    const rest = shape.filter((_, axis) => !axes.includes(axis));
    expectAgreement(
      backend(),
      [floats(shape, 1)],
      (b, x) => [
        { ...x, shape: rest, handle: b.sum(x, axes) },
        { ...x, shape: rest, handle: b.max(x, axes) },
      ],
      1e-6,
      100,
    );
  });

  test('a long sum does not lose small terms', () => {
    const size = 2 ** 20;
    const handle = backend().fill([size], 0.1, 'f32');
    const sum = backend().sum({ handle, shape: [size], dtype: 'f32' }, [0]);
    const [value] = backend().readSync!({ handle: sum, shape: [], dtype: 'f32' });
    expect(Math.abs(value! / (size * Math.fround(0.1)) - 1)).toBeLessThan(5e-7);
    backend().release(handle);
    backend().release(sum);
  });

  test('NaN wins a maximum, wherever it stands', () => {
    for (let at = 0; at < 21; at++) {
      const values = Array.from(numbers(21, at));
      values[at] = NaN;
      const input: Input = { shape: [21], dtype: 'f32', values };
      expectAgreement(backend(), [input], (b, x) => [{ ...x, shape: [], handle: b.max(x, [0]) }]);
      const columns: Input = { shape: [3, 7], dtype: 'f32', values };
      expectAgreement(backend(), [columns], (b, x) => [{ ...x, shape: [7], handle: b.max(x, [0]) }]);
    }
  });

  test('the sum of an empty axis is 0', () => {
    expectAgreement(backend(), [floats([0, 5], 1)], (b, x) => [{ ...x, shape: [5], handle: b.sum(x, [0]) }]);
    expectAgreement(backend(), [floats([5, 0], 1)], (b, x) => [{ ...x, shape: [5], handle: b.sum(x, [1]) }]);
  });

  test('global norm over tensors of all sizes, without overflow', () => {
    const inputs = [floats([3, 5], 1), floats([], 2), floats([70, 300], 3), floats([0], 4)];
    expectAgreement(backend(), inputs, (b, ...xs) => [{ ...xs[0]!, shape: [], handle: b.globalNorm!(xs) }]);
    const large: Input = { shape: [5], dtype: 'f32', values: [1e30, -1e30, 1e30, 0, 1] };
    expectAgreement(backend(), [large], (b, x) => [{ ...x, shape: [], handle: b.globalNorm!([x]) }]);
  });
});
