import { sizeOf } from '@tempograd/core/backend';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { axesOf, expectAgreement, floats, integers, shapes, stretchable } from '../support/oracle.js';
import { describeVariants } from '../support/variants.js';

const permuted = shapes(5).chain((shape) =>
  fc.tuple(fc.constant(shape), fc.shuffledSubarray([...shape.keys()], { minLength: shape.length })),
);

const boxes = shapes().chain((shape) =>
  fc.tuple(...shape.map((length) => fc.tuple(fc.nat(length), fc.nat(length)))).map((pairs) => ({
    shape,
    begin: pairs.map(([a, b]) => Math.min(a, b)),
    size: pairs.map(([a, b]) => Math.abs(a - b)),
  })),
);

describeVariants('layout', (backend) => {
  test('transpose by any permutation', () => {
    fc.assert(
      fc.property(permuted, ([shape, permutation]) => {
        const result = permutation.map((axis) => shape[axis]!);
        const program = [floats(shape, 1)];
        expectAgreement(
          backend(),
          program,
          (b, x) => [{ ...x, shape: result, handle: b.transpose(x, permutation) }],
          0,
        );
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    [
      [67, 129],
      [1, 0],
    ],
    [
      [5, 33, 18],
      [0, 2, 1],
    ],
    [
      [16, 16, 16],
      [2, 0, 1],
    ],
    [
      [300, 7],
      [1, 0],
    ],
    [
      [3, 4, 5, 6],
      [2, 3, 0, 1],
    ],
  ])('transpose of %j by %j', (shape, permutation) => {
    const result = permutation.map((axis) => shape[axis]!);
    const inputs = [integers(shape, 1, -1000, 1000)];
    expectAgreement(backend(), inputs, (b, x) => [{ ...x, shape: result, handle: b.transpose(x, permutation) }], 0);
  });

  test('slice of any box', () => {
    fc.assert(
      fc.property(boxes, ({ shape, begin, size }) => {
        const inputs = [floats(shape, 1)];
        expectAgreement(backend(), inputs, (b, x) => [{ ...x, shape: size, handle: b.slice(x, begin, size) }], 0);
      }),
      { numRuns: 60 },
    );
  });

  test('flip of any axes', () => {
    const flips = shapes().chain((shape) => fc.tuple(fc.constant(shape), axesOf(shape)));
    fc.assert(
      fc.property(flips, ([shape, axes]) => {
        expectAgreement(backend(), [floats(shape, 1)], (b, x) => [{ ...x, handle: b.flip(x, axes) }], 0);
      }),
      { numRuns: 40 },
    );
  });

  test('broadcast to any shape', () => {
    const pairs = shapes().chain((full) => fc.tuple(fc.constant(full), stretchable(full)));
    fc.assert(
      fc.property(pairs, ([shape, from]) => {
        expectAgreement(backend(), [floats(from, 1)], (b, x) => [{ ...x, shape, handle: b.broadcast(x, shape) }], 0);
      }),
      { numRuns: 40 },
    );
  });

  test('concat along any axis', () => {
    const joins = fc
      .tuple(
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 }),
        fc.nat(3),
        fc.array(fc.nat(4), { minLength: 1, maxLength: 4 }),
      )
      .map(([shape, at, lengths]) => ({ shape, axis: at % shape.length, lengths }));
    fc.assert(
      fc.property(joins, ({ shape, axis, lengths }) => {
        const inputs = lengths.map((length, i) => floats(shape.with(axis, length), i));
        const joined = shape.with(
          axis,
          lengths.reduce((sum, length) => sum + length, 0),
        );
        expectAgreement(backend(), inputs, (b, ...xs) => [{ ...xs[0]!, shape: joined, handle: b.concat(xs, axis) }], 0);
      }),
      { numRuns: 40 },
    );
  });

  test('a reshape and a contiguous slice share storage, and outlive their source', () => {
    const wasm = backend();
    const before = wasm.memory();
    const source = {
      handle: wasm.write(Float32Array.from([1, 2, 3, 4, 5, 6]), [3, 2], 'f32'),
      shape: [3, 2],
      dtype: 'f32' as const,
    };
    const reshaped = { handle: wasm.reshape(source, [6]), shape: [6], dtype: 'f32' as const };
    const row = { handle: wasm.slice(source, [1, 0], [1, 2]), shape: [1, 2], dtype: 'f32' as const };
    expect(wasm.memory().buffers).toBe(before.buffers + 1);
    expect(wasm.memory().bytes).toBe(before.bytes + 4 * sizeOf(source.shape));
    wasm.release(source.handle);
    expect(wasm.readSync!(row)).toEqual(Float32Array.from([3, 4]));
    expect(wasm.readSync!(reshaped)).toEqual(Float32Array.from([1, 2, 3, 4, 5, 6]));
    wasm.release(row.handle);
    wasm.release(reshaped.handle);
    expect(wasm.memory().buffers).toBe(before.buffers);
    expect(wasm.memory().bytes).toBe(before.bytes);
  });

  test('ops on an unaligned view', () => {
    const inputs = [floats([9, 7], 1), floats([7], 2)];
    expectAgreement(backend(), inputs, (b, x, y) => {
      const row = { ...x, shape: [3, 7], handle: b.slice(x, [1, 0], [3, 7]) };
      const sum = { ...row, handle: b.binary('add', row, y) };
      const flipped = { ...row, shape: [7, 3], handle: b.transpose(row, [1, 0]) };
      b.release(row.handle);
      return [sum, flipped];
    });
  });

  test('fill with any number', () => {
    for (const [value, dtype] of [
      [1.5, 'f32'],
      [NaN, 'f32'],
      [-Infinity, 'f32'],
      [-7, 'i32'],
    ] as const) {
      const handle = backend().fill([3, 11], value, dtype);
      const expected = dtype === 'i32' ? new Int32Array(33).fill(value) : new Float32Array(33).fill(value);
      expect(backend().readSync!({ handle, shape: [3, 11], dtype })).toEqual(expected);
      backend().release(handle);
    }
  });
});
