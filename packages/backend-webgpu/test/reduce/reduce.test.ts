import type { Backend } from '@tempograd/core/backend';
import { sizeOf } from '@tempograd/core/backend';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { engineOf } from '../../src/engine/engineOf.js';
import type { WebGpuHandle } from '../../src/index.js';
import { placeOf } from '../../src/memory/Place.js';
import { enqueueColumnSums } from '../../src/reduce/enqueueReduction.js';
import { expectAgreement, floats, integers, numbers, useGpu } from '../support/agreement.js';
import type { Input, Program } from '../support/agreement.js';

const backend = useGpu();

const reduced =
  (axes: readonly number[], ops: readonly ('sum' | 'max')[] = ['sum', 'max']): Program =>
  (b, x) =>
    ops.map((op) => ({ ...x, shape: x.shape.filter((_, axis) => !axes.includes(axis)), handle: b[op](x, axes) }));

const small = fc
  .array(fc.integer({ min: 0, max: 6 }), { maxLength: 5 })
  .chain((shape) => fc.tuple(fc.constant(shape), fc.subarray([...shape.keys()])));

test('sum and max over any axes', async () => {
  await fc.assert(
    fc.asyncProperty(small, fc.boolean(), async ([shape, axes], whole) => {
      const ops = axes.every((axis) => shape[axis]! > 0) ? (['sum', 'max'] as const) : (['sum'] as const);
      const input = whole ? integers(shape, 1, -100, 100) : floats(shape, 1);
      await expectAgreement(backend(), [input], reduced(axes, ops), { floor: 10 });
    }),
    { numRuns: 40 },
  );
});

test.each([
  [[100_003], [0]],
  [[300, 517], [0, 1]], // prettier-ignore
  [[2000, 37], [0]], // prettier-ignore
  [[3001, 3], [0]], // prettier-ignore
  [[37, 2000], [1]], // prettier-ignore
  [[4099, 7], [1]], // prettier-ignore
  [[5, 1031, 130], [1]], // prettier-ignore
  [[7, 65, 13], [0, 2]], // prettier-ignore
  [[2, 300, 3, 5, 2], [1, 3]], // prettier-ignore
  [[5, 0, 3], [1]], // prettier-ignore
])('sum and max of %j over %j', async (shape, axes) => {
  const ops = sizeOf(shape) > 0 ? (['sum', 'max'] as const) : (['sum'] as const);
  await expectAgreement(backend(), [floats(shape, 1)], reduced(axes, ops), { floor: 100 });
  await expectAgreement(backend(), [integers(shape, 1, -(2 ** 31), 2 ** 31)], reduced(axes, ops.slice(1)), {
    tolerance: 0,
  });
});

test('more results than one axis of a dispatch has workgroups', async () => {
  const [gpu, results] = [backend(), 65_535 * 256 + 5];
  const handle = gpu.write(new Float32Array(0), [results, 0], 'f32');
  const sum = gpu.sum({ handle, shape: [results, 0], dtype: 'f32' }, [1]);
  const values = await gpu.read({ handle: sum, shape: [results], dtype: 'f32' });
  expect(values.length).toBe(results);
  expect(values.every((value) => value === 0)).toBe(true);
  for (const x of [handle, sum]) gpu.release(x);
});

test('sums of whole numbers wrap', async () => {
  const input: Input = { shape: [3], dtype: 'i32', values: [2 ** 31 - 1, 2, 2 ** 31 - 1] };
  await expectAgreement(backend(), [input], reduced([0], ['sum']), {}, [[0]]);
});

test.each([1e5 + 7, 2 ** 20])('a sum of %i terms does not lose small ones', async (size) => {
  const gpu = backend();
  const handle = gpu.fill([size], 0.1, 'f32');
  const sum = gpu.sum({ handle, shape: [size], dtype: 'f32' }, [0]);
  const [value] = await gpu.read({ handle: sum, shape: [], dtype: 'f32' });
  expect(Math.abs(value! / (size * Math.fround(0.1)) - 1)).toBeLessThan(5e-7);
  for (const x of [handle, sum]) gpu.release(x);
});

test('NaN wins a maximum, wherever it stands and whatever its sign; infinities are numbers', async () => {
  const bits = new Float32Array(new Uint32Array([0x7fc00000, 0xffc00001, 0x7f800001]).buffer);
  for (let at = 0; at < 21; at += 2) {
    for (const nan of bits) {
      const values = Float32Array.from(numbers(21, at));
      values[at] = nan;
      values[(at + 5) % 21] = Infinity;
      await expectAgreement(backend(), [{ shape: [21], dtype: 'f32', values }], reduced([0], ['max']));
      await expectAgreement(backend(), [{ shape: [3, 7], dtype: 'f32', values }], reduced([0], ['max']));
    }
  }
  const low: Input = { shape: [2, 3], dtype: 'f32', values: [-Infinity, -Infinity, -Infinity, -3, -Infinity, -5] };
  await expectAgreement(backend(), [low], reduced([1], ['max']), {}, [[-Infinity, -3]]);
  const spoilt: Input = { shape: [2, 2], dtype: 'f32', values: [NaN, 1, Infinity, 1] };
  await expectAgreement(backend(), [spoilt], reduced([1], ['sum']), {}, [[NaN, Infinity]]);
});

test.each([
  [1, 5],
  [7, 300],
  [50, 3],
  [5000, 3],
  [3, 0],
  [1600, 512],
  [0, 4],
])('sums of the columns of [%i, %i], written and added', async (rows, columns) => {
  const program: Program = (b, x, before) => {
    if (!isGpu(b)) {
      const sum = { ...before, handle: b.sum(x, [0]) };
      return [sum, { ...sum, handle: b.binary('add', before, sum) }];
    }
    const gpu = engineOf(b);
    const [fresh, added] = [gpu.allocate([columns], 'f32'), gpu.allocate([columns + 1], 'f32')];
    const to = { buffer: placeOf(added).buffer, start: 1 };
    const place = placeOf(x.handle as WebGpuHandle);
    const old = placeOf(before.handle as WebGpuHandle);
    enqueueColumnSums(gpu, { rows, columns, x: place, out: placeOf(fresh) });
    enqueueColumnSums(gpu, { rows: 1, columns, x: old, out: to });
    enqueueColumnSums(gpu, { rows, columns, x: place, out: to, accumulate: true });
    const view = gpu.heap.view(added, 1);
    gpu.heap.release(added);
    return [fresh, view].map((handle) => ({ ...before, handle }));
  };
  await expectAgreement(backend(), [floats([rows, columns], 1), floats([columns], 2)], program, { floor: 10 });
});

test('sums of the columns of a part of a wider tensor', async () => {
  const program: Program = (b, x) => {
    if (!isGpu(b)) {
      const part = { ...x, shape: [301, 5], handle: b.slice(x, [0, 2], [301, 5]) };
      const sums = { ...x, shape: [5], handle: b.sum(part, [0]) };
      b.release(part.handle);
      return [sums];
    }
    const gpu = engineOf(b);
    const out = gpu.allocate([5], 'f32');
    const { buffer, start } = placeOf(x.handle as WebGpuHandle);
    const part = { buffer, start: start + 2, stride: 9 };
    enqueueColumnSums(gpu, { rows: 301, columns: 5, x: part, out: placeOf(out) });
    return [{ ...x, shape: [5], handle: out }];
  };
  await expectAgreement(backend(), [floats([301, 9], 1)], program, { floor: 10 });
});

function isGpu(b: Backend): boolean {
  return b.name === 'webgpu';
}
