import { BackendError, LifetimeError, OutOfMemoryError } from '@tempograd/core/backend';
import { describe, expect, it } from 'vitest';
import { createBackend } from '../src/index.js';
import { poisoned, tensor, valuesOf } from './helpers.js';

describe('memory', () => {
  it('counts buffers, bytes and the peak exactly', () => {
    const js = createBackend();
    const a = tensor(js, [1, 2, 3], [3], 'f32');
    const b = tensor(js, [1, 2], [2], 'f64');
    expect(js.memory()).toEqual({ buffers: 2, bytes: 28, peakBytes: 28 });
    js.release(a.handle);
    expect(js.memory()).toEqual({ buffers: 1, bytes: 16, peakBytes: 28 });
    js.resetPeak();
    expect(js.memory()).toEqual({ buffers: 1, bytes: 16, peakBytes: 16 });
    js.release(b.handle);
    expect(js.memory()).toEqual({ buffers: 0, bytes: 0, peakBytes: 16 });
  });

  it('counts views with their source once, and keeps the storage until the last of them is released', () => {
    const js = createBackend();
    const x = tensor(js, [1, 2, 3, 4, 5, 6], [3, 2]);
    const flat = { handle: js.reshape(x, [6]), shape: [6], dtype: x.dtype };
    const row = { handle: js.slice(flat, [2], [2]), shape: [2], dtype: x.dtype };
    expect(js.memory().buffers).toBe(1);
    js.release(x.handle);
    js.release(flat.handle);
    expect(js.memory()).toMatchObject({ buffers: 1, bytes: 48 });
    expect(valuesOf(js, row)).toEqual([3, 4]);
    js.release(row.handle);
    expect(js.memory()).toMatchObject({ buffers: 0, bytes: 0 });
  });

  it('counts an empty tensor as a buffer of no bytes', () => {
    const js = createBackend();
    const x = tensor(js, [], [0, 3]);
    expect(js.memory()).toEqual({ buffers: 1, bytes: 0, peakBytes: 0 });
    js.release(x.handle);
    expect(js.memory().buffers).toBe(0);
  });

  it('refuses a handle that was released, and one of another backend', () => {
    const js = createBackend();
    const x = tensor(js, [1], [1]);
    const foreign = tensor(createBackend(), [1], [1]);
    js.release(x.handle);
    expect(() => js.release(x.handle)).toThrow(LifetimeError);
    expect(() => js.unary('neg', x)).toThrow(LifetimeError);
    expect(() => js.reshape(x, [1, 1])).toThrow(LifetimeError);
    expect(() => js.release(foreign.handle)).toThrow(LifetimeError);
    expect(() => js.binary('add', foreign, foreign)).toThrow(LifetimeError);
    expect(() => js.release({} as never)).toThrow(LifetimeError);
    expect(js.memory()).toMatchObject({ buffers: 0, bytes: 0 });
  });

  it('says how much was wanted and what is live when there is no room', () => {
    const js = createBackend();
    const x = tensor(js, [1, 2], [2], 'f32');
    const wish = () => js.fill([2 ** 40], 0, 'f32');
    expect(wish).toThrow(OutOfMemoryError);
    expect(wish).toThrow(/4398046511104 bytes.*8 bytes in 1 buffers/);
    js.release(x.handle);
    expect(js.memory()).toMatchObject({ buffers: 0, bytes: 0, peakBytes: 8 });
  });

  it('leaves nothing behind when an op finds a released operand', () => {
    const js = createBackend();
    const x = tensor(js, [1, 2], [1, 2]);
    const gone = tensor(js, [1, 2], [1, 2]);
    js.release(gone.handle);
    const before = js.memory();
    expect(() => js.binary('add', x, gone)).toThrow(LifetimeError);
    expect(() => js.select(gone, x, x)).toThrow(LifetimeError);
    expect(() => js.concat([x, gone], 0)).toThrow(LifetimeError);
    expect(() => js.matmul(x, gone, false, true)).toThrow(LifetimeError);
    expect(js.memory()).toEqual(before);
  });

  it('throws after dispose, except from a second dispose', () => {
    const js = createBackend();
    const x = tensor(js, [1], [1]);
    js.dispose!();
    js.dispose!();
    expect(() => js.fill([1], 0, 'f32')).toThrow(BackendError);
    expect(() => js.unary('neg', x)).toThrow(BackendError);
    expect(() => js.memory()).toThrow(BackendError);
    js.release(x.handle);
    js.release(x.handle);
  });

  it('poisons new storage on request', () => {
    const js = poisoned();
    expect(js.info).toMatchObject({ poison: true });
    const rows = tensor(js, [], [0, 2]);
    const index = tensor(js, [], [0], 'i32');
    const sums = { handle: js.scatterAdd(index, rows, 2), shape: [2, 2], dtype: 'f64' as const };
    expect(valuesOf(js, sums)).toEqual([0, 0, 0, 0]);
  });

  it('reads and writes copies', async () => {
    const js = createBackend();
    const source = Float32Array.of(1, 2);
    const x = { handle: js.write(source, [2], 'f32'), shape: [2], dtype: 'f32' as const };
    source[0] = 9;
    const first = await js.read(x);
    first[1] = 9;
    expect(await js.read(x)).toEqual(Float32Array.of(1, 2));
    expect(js.readSync!(x)).toEqual(Float32Array.of(1, 2));
  });
});
