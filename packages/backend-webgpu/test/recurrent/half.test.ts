import { gateCount } from '@tempograd/core/backend';
import type { Backend, Operand, RecurrentCell } from '@tempograd/core/backend';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineOf } from '../../src/engine/engineOf.js';
import { createBackend } from '../../src/index.js';
import type { WebGpuHandle } from '../../src/index.js';
import { halve } from '../../src/recurrent/halve.js';
import type { RecurrentStorage } from '../../src/recurrent/path.js';
import { recurrentOps } from '../../src/recurrent/recurrent.js';
import { hasF16 } from '../support/hasF16.js';
import { deviations, expectedOf, runTrial } from './segments.js';
import type { Recurrent, Trial } from './segments.js';

const timeout = 120_000;

const trials: readonly Trial[] = [
  // Not more of relu: rounded weights take a sum across 0, and the gradient with it.
  { cell: 'rnnRelu', steps: 7, batch: 3, inputs: 5, hidden: 3, mask: 'ragged' },
  { cell: 'rnnTanh', steps: 7, batch: 5, inputs: 2, hidden: 7, mask: 'holes', reverse: true },
  { cell: 'lstm', steps: 7, batch: 5, inputs: 6, hidden: 33, table: true, mask: 'ragged', into: true },
  { cell: 'lstm', steps: 2, batch: 5, inputs: 4, hidden: 130, cotangents: [true, false, true] },
  { cell: 'gru', steps: 7, batch: 3, inputs: 5, hidden: 33, biased: false, reverse: true },
  { cell: 'gru', steps: 4, batch: 2, inputs: 6, hidden: 7, table: true },
  { cell: 'gru', steps: 1, batch: 1, inputs: 1, hidden: 1 },
  { cell: 'lstm', steps: 3, batch: 0, inputs: 4, hidden: 5, mask: 'holes' },
  { cell: 'lstm', steps: 3, batch: 2, inputs: 4, hidden: 0 },
];

const title = (trial: object): string =>
  Object.entries(trial)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');

describe.runIf(await hasF16())('storage f16, which needs shader-f16', () => {
  let backend: Backend<WebGpuHandle>;
  beforeAll(async () => {
    backend = await createBackend({ poison: true, storage: 'f16' });
  });
  afterAll(() => backend.dispose?.());

  const tensor = (numbers: readonly number[] | Float32Array, shape: readonly number[]): Operand<WebGpuHandle> => ({
    handle: backend.write(Float32Array.from(numbers), shape, 'f32'),
    shape,
    dtype: 'f32',
  });

  describe.each(['step', 'segment'] as const)('path %s', (path) => {
    const ops = (): Recurrent => recurrentOps(engineOf(backend), { path, storage: 'f16' });

    test.each(trials.map((trial) => [title(trial), trial] as const))('%s', { timeout }, async (_, trial) => {
      const before = backend.memory().buffers;
      const actual = await runTrial(backend, ops(), trial, 'f32');
      expect(deviations(actual, await expectedOf(trial), 2e-3)).toEqual([]);
      expect(await runTrial(backend, ops(), trial, 'f32')).toEqual(actual);
      expect(backend.memory().buffers).toBe(before);
    });

    test('cell states and candidates beyond 65,504 count as that on the way back', { timeout }, async () => {
      // c before the step is a factor of f's gradient; U h + d, where r is so small that tanh is not saturated, of r's.
      for (const [cell, large, gate] of [
        ['lstm', { c: 131_008 }, 1],
        ['gru', { biasIh: [-9.5, 0, -16], biasHh: [0, 0, 131_008] }, 0],
      ] as const) {
        const gradientOfBias = (storage: RecurrentStorage): Promise<Float64Array> =>
          largeStep(recurrentOps(engineOf(backend), { path, storage }), cell, large);
        const [half, full] = [await gradientOfBias('f16'), await gradientOfBias('f32')];
        expect(Math.abs(full[gate] as number)).toBeGreaterThan(1e-3);
        half.forEach((x, i) => {
          const wanted = (full[i] as number) * (i === gate ? 0.5 : 1);
          expect(Math.abs(x - wanted), `${cell} ${i}`).toBeLessThanOrEqual(2e-3 * Math.abs(wanted) + 1e-6);
        });
      }
    });
  });

  /** The gradient of `biasIh` in one step of one unit. */
  async function largeStep(
    ops: Recurrent,
    cell: RecurrentCell,
    { c = 0, biasIh, biasHh }: { c?: number; biasIh?: readonly number[]; biasHh?: readonly number[] },
  ): Promise<Float64Array> {
    const gates = gateCount[cell];
    const half = new Float32Array(gates).fill(0.5);
    const args = {
      cell,
      reverse: false,
      input: tensor([0.5], [1, 1, 1]),
      carry: (cell === 'lstm' ? [0.5, c] : [0.5]).map((x) => tensor([x], [1, 1])),
      weightIh: tensor(half, [gates, 1]),
      weightHh: tensor(half, [gates, 1]),
      biasIh: tensor(biasIh ?? half, [gates]),
      biasHh: tensor(biasHh ?? half, [gates]),
      mask: null,
    };
    const { saved } = ops.recurrentForward(args, true);
    const back = ops.recurrentBackward({
      ...args,
      saved: saved ?? [],
      outputCotangent: tensor([1], [1, 1, 1]),
      carryCotangents: args.carry.map(() => tensor([1], [1, 1])),
      wants: { input: false, carry: false, weights: true, delta: false },
    });
    return Float64Array.from(await backend.read(back.biasIh as Operand<WebGpuHandle>));
  }

  test('halves are the nearest, at most 65,504 where the number is finite; the rest stays as it is', async () => {
    const gpu = engineOf(backend);
    const numbers = [1, -0, 0.1, 65504, 65520, -1e30, 3.4e38, Infinity, -Infinity, NaN, 2 ** -24, 2 ** -26];
    const rest = [0.1, -3e38, NaN, 7];
    const x = tensor([...numbers, ...rest], [16]);
    const handle = halve(gpu, x.handle, 3, 1);
    const words = await backend.read({ handle, shape: [10], dtype: 'i32' });
    const halves = [...new Uint16Array(words.buffer, words.byteOffset, 12)];
    expect(halves.map((half) => half.toString(16))).toEqual([
      '3c00',
      '8000',
      '2e66',
      '7bff',
      '7bff',
      'fbff',
      '7bff',
      '7c00',
      'fc00',
      '7e00',
      '1',
      '0',
    ]);
    expect([...new Float32Array(words.buffer, words.byteOffset + 24, 4)]).toEqual([...Float32Array.from(rest)]);
    backend.release(handle);
  });

  test(
    'what an LSTM saves takes half the bytes, its states apart, which are the output',
    async () => {
      const [steps, batch, hidden] = [50, 32, 128];
      const make = (...shape: number[]): Operand<WebGpuHandle> => ({
        handle: backend.fill(shape, 0, 'f32'),
        shape,
        dtype: 'f32',
      });
      const args = {
        cell: 'lstm' as const,
        reverse: false,
        input: make(steps, batch, 1),
        carry: [make(batch, hidden), make(batch, hidden)],
        weightIh: make(4 * hidden, 1),
        weightHh: make(4 * hidden, hidden),
        biasIh: null,
        biasHh: null,
        mask: null,
      };
      const bytesOf = (storage: RecurrentStorage): number => {
        const before = backend.memory().bytes;
        const { output, carry, saved } = recurrentOps(engineOf(backend), { storage }).recurrentForward(args, true);
        for (const x of [output, ...carry]) backend.release(x.handle);
        const { bytes } = backend.memory();
        for (const x of saved ?? []) backend.release(x.handle);
        expect(backend.memory().bytes).toBe(before);
        return bytes - before;
      };
      const numbers = (steps + 1) * batch * hidden;
      // h; then four gates and c.
      expect(bytesOf('f32')).toBe(numbers * (4 + 5 * 4));
      expect(bytesOf('f16')).toBe(numbers * (4 + 5 * 2));
    },
    timeout,
  );
});
