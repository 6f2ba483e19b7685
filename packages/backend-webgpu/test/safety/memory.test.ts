import { OutOfMemoryError } from '@tempograd/core/backend';
import { expect, test } from 'vitest';
import { engineOf } from '../../src/engine/engineOf.js';
import { createBackend } from '../../src/index.js';
import { openDevice } from '../support/device.js';
import { negated, rejection, tensor } from '../support/tensors.js';

const mebibyte = 2 ** 20;

test('beyond memoryLimit an op throws at once, names what lives, leaves nothing behind, and work goes on', async () => {
  const backend = await createBackend({ memoryLimit: 4 * mebibyte, poison: true });
  const x = { handle: backend.fill([3, mebibyte / 4], 2, 'f32'), shape: [3, mebibyte / 4], dtype: 'f32' as const };
  const before = backend.memory();
  expect(() => backend.unary('neg', x)).toThrow(OutOfMemoryError);
  expect(() => backend.unary('neg', x)).toThrow(
    /no room for a f32 tensor of shape \[3, 262144\], 3\.0 MiB.*Largest: f32 \[3, 262144\] \(3\.0 MiB\).*memoryLimit/,
  );
  expect(() => backend.write(new Float32Array(mebibyte), [mebibyte], 'f32')).toThrow(OutOfMemoryError);
  expect({ ...backend.memory(), peakBytes: 0 }).toEqual({ ...before, peakBytes: 0 });
  const small = tensor(backend, [1, 2]);
  expect([...(await backend.read(negated(backend, small)))]).toEqual([-1, -2]);
  backend.release(x.handle);
  const y = { ...x, shape: [mebibyte / 2], handle: backend.fill([mebibyte / 2], 3, 'f32') };
  expect((await backend.read(y)).every((v) => v === 3)).toBe(true);
  backend.dispose?.();
});

test('spare buffers give way to what has room without them, commands that use them first', async () => {
  const backend = await createBackend({ memoryLimit: 4 * mebibyte });
  const results: Promise<ArrayLike<number>>[] = [];
  const sizes = [200_000, 300_000, 250_000, 500_000, 100_000, 400_000];
  for (const [index, size] of sizes.entries()) {
    const shape = [size];
    const x = { shape, dtype: 'f32' as const, handle: backend.fill(shape, index, 'f32') };
    const y = negated(backend, x);
    results.push(backend.read({ ...y, shape: [3] }));
    backend.release(x.handle);
    backend.release(y.handle);
  }
  const read = await Promise.all(results);
  expect(read.map((values) => Array.from(values, (v) => 0 - v))).toEqual(sizes.map((_, i) => [i, i, i]));
  expect(backend.memory().buffers).toBe(0);
  backend.dispose?.();
});

test('a device that has no memory left names op and shapes at the next read', async () => {
  const device = await openDevice();
  const backend = await createBackend({ device });
  const x = tensor(backend, [1, 2, 3, 4, 5, 6], [2, 3]);
  const { popErrorScope } = device;
  device.popErrorScope = async () => {
    await popErrorScope.call(device);
    return { message: 'injected' };
  };
  // Of a size that no spare buffer has.
  const y = { ...x, shape: [700, 3], handle: backend.fill([700, 3], 1, 'f32') };
  device.popErrorScope = popErrorScope;
  const error = await rejection(backend.read(negated(backend, y)));
  expect(error).toBeInstanceOf(OutOfMemoryError);
  expect(error.message).toMatch(
    /no memory left for a buffer of \d+ bytes, for fill of \[700, 3\] \(injected\).*memoryLimit/,
  );
  expect(await rejection(backend.read(x))).toBe(error);
  backend.dispose?.();
  device.destroy();
});

test('storage is never new to what reads it', async () => {
  const backend = await createBackend({ poison: true });
  const handle = engineOf(backend).allocate([5], 'f32');
  expect([...(await backend.read({ handle, shape: [5], dtype: 'f32' }))]).toEqual([NaN, NaN, NaN, NaN, NaN]);
  backend.dispose?.();
});

test('shapes that are always new do not fill the device with spare buffers', async () => {
  const backend = await createBackend();
  const gpu = engineOf(backend);
  const kept = tensor(backend, [1, 2, 3]);
  let total = 0;
  for (let size = 1; size <= 200; size++) {
    const shape = [size * 10_000];
    const handles = [gpu.allocate(shape, 'f32'), gpu.allocate(shape, 'f32')];
    total += 2 * 4 * shape[0]!;
    for (const handle of handles) backend.release(handle);
    // Made, though nothing was enqueued that uses them.
    if (size % 20 === 0) expect([...(await backend.read(negated(backend, kept)))]).toEqual([-1, -2, -3]);
  }
  expect(total).toBeGreaterThan(1000 * mebibyte);
  // At most 16 MiB are in use at once.
  expect(gpu.bufferBytes).toBeLessThan((3 * 17 + 64) * mebibyte);
  expect([...(await backend.read(kept))]).toEqual([1, 2, 3]);
  backend.dispose?.();
});

test('data that threads share is copied, and so is what may be resized; views begin where they begin', async () => {
  const backend = await createBackend();
  const values = [9, 1, 2, 3, 9];
  const shared = new Float32Array(new SharedArrayBuffer(20));
  const resizable = new Float32Array(Reflect.construct(ArrayBuffer, [20, { maxByteLength: 64 }]));
  for (const data of [shared, resizable, new Float32Array(5)]) {
    data.set(values);
    const x = { handle: backend.write(data.subarray(1, 4), [3], 'f32'), shape: [3], dtype: 'f32' as const };
    data.fill(0);
    expect([...(await backend.read(x))]).toEqual([1, 2, 3]);
  }
  backend.dispose?.();
});
