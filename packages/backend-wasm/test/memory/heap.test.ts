import { DTypeError, LifetimeError, OutOfMemoryError, type Operand } from '@tempograd/core/backend';
import { createBackend } from '@tempograd/backend-wasm';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { describeVariants, type Wasm } from '../support/variants.js';

const f32 = 'f32' as const;

afterEach(() => vi.restoreAllMocks());

describeVariants('memory', (backend) => {
  test('counts buffers, bytes and the peak exactly; views count once', () => {
    const wasm = backend();
    const before = wasm.memory();
    wasm.resetPeak();
    const a = wasm.fill([3, 5], 1, f32);
    const b = wasm.fill([7], 1, 'i32');
    const view = wasm.reshape({ handle: a, shape: [3, 5], dtype: f32 }, [15]);
    expect(wasm.memory()).toEqual({
      buffers: before.buffers + 2,
      bytes: before.bytes + 88,
      peakBytes: before.bytes + 88,
    });
    wasm.release(a);
    wasm.release(b);
    expect(wasm.memory()).toEqual({
      buffers: before.buffers + 1,
      bytes: before.bytes + 60,
      peakBytes: before.bytes + 88,
    });
    wasm.release(view);
    wasm.resetPeak();
    expect(wasm.memory()).toEqual({ ...before, peakBytes: before.bytes });
  });

  test('grows while tensors live, and keeps them', () => {
    const wasm = backend();
    const first = { handle: wasm.write(Float32Array.from([1, 2, 3]), [3], f32), shape: [3], dtype: f32 };
    const large = { handle: wasm.fill([2 ** 22], 4, f32), shape: [2 ** 22], dtype: f32 };
    const larger = { ...large, handle: wasm.binary('add', large, large) };
    expect(wasm.readSync!(first)).toEqual(Float32Array.from([1, 2, 3]));
    expect(wasm.readSync!(larger).at(-1)).toBe(8);
    for (const { handle } of [first, large, larger]) wasm.release(handle);
  });

  test('a repeated training step grows nothing', () => {
    const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow');
    const step = makeStep(backend());
    for (let i = 0; i < 3; i++) step();
    const before = backend().memory();
    grow.mockClear();
    for (let i = 0; i < 30; i++) step();
    expect(grow).not.toHaveBeenCalled();
    expect(backend().memory()).toEqual(before);
  });

  test('f64 is refused with the place to find it', () => {
    expect(() => backend().fill([2], 1, 'f64')).toThrow(DTypeError);
    expect(() => backend().fill([2], 1, 'f64')).toThrow(/backend-js/);
  });

  test('a released handle is refused', () => {
    const handle = backend().fill([2], 1, f32);
    backend().release(handle);
    expect(() => backend().release(handle)).toThrow(LifetimeError);
    expect(() => backend().unary('exp', { handle, shape: [2], dtype: f32 })).toThrow(LifetimeError);
  });
});

/** A step of a two-layer net by hand: products, elementwise ops, reductions, an optimiser step; everything is released. */
function makeStep(wasm: Wasm): () => void {
  const make = (shape: number[]): Operand<never> => ({
    handle: wasm.fill(shape, 0.1, f32) as never,
    shape,
    dtype: f32,
  });
  const [x, w1, w2, m, v] = [make([32, 64]), make([96, 64]), make([10, 96]), make([10, 96]), make([10, 96])];
  let count = 0;
  return () => {
    const made: never[] = [];
    const keep = (handle: unknown, shape: number[]): Operand<never> => {
      made.push(handle as never);
      return { handle: handle as never, shape, dtype: f32 };
    };
    const h = keep(wasm.unary('tanh', keep(wasm.matmul(x, w1, false, true), [32, 96])), [32, 96]);
    const y = keep(wasm.linearForward!(h, w2, null), [32, 10]);
    const g = wasm.linearBackward!(h, w2, y, { x: true, weight: true, bias: false });
    keep(g.x, [32, 96]);
    const gradient = keep(g.weight, [10, 96]);
    const norm = keep(wasm.globalNorm!([gradient]), []);
    keep(wasm.sum(gradient, [0, 1]), []);
    const controls = { learningRate: 0.01, step: ++count, scale: norm, guard: null };
    const settings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, decoupled: false };
    wasm.adamSteps!(
      [{ parameter: w2, gradient, moments: { moment1: m, moment2: v, maxMoment2: null }, settings }],
      controls,
    );
    for (const handle of made) wasm.release(handle);
  };
}

describe('a memory limit', () => {
  test.each([1, 2])('out of memory says how much was wanted and what holds the rest, %i threads', async (threads) => {
    const wasm = await createBackend({ threads, memoryLimit: 2 ** 24 });
    const weights = wasm.fill([1024, 1024], 1, f32);
    const small = wasm.fill([10], 1, f32);
    const attempt = (): unknown => wasm.fill([2048, 2048], 1, f32);
    expect(attempt).toThrow(OutOfMemoryError);
    expect(attempt).toThrow(/f32 tensor of shape \[2048, 2048\], 16\.0 MiB/);
    expect(attempt).toThrow(/not grow beyond 16\.0 MiB; 2 live buffers hold 4\.0 MiB/);
    expect(attempt).toThrow(/Largest buffers: f32 \[1024, 1024\] \(4\.0 MiB\)/);
    expect(wasm.memory().buffers).toBe(2);
    const fits = wasm.fill([1024, 1024], 1, f32);
    for (const handle of [weights, small, fits]) wasm.release(handle);
    wasm.dispose!();
  });

  test('a limit that makes no sense is refused', async () => {
    await expect(createBackend({ memoryLimit: 100 })).rejects.toThrow(/memoryLimit is 100/);
  });
});
