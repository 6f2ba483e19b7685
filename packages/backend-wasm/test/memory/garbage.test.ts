import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Operand } from '@tempograd/core/backend';
import { createBackend } from '@tempograd/backend-wasm';
import { expect, test } from 'vitest';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of JavaScript objects that one forward and backward pass over `time` steps leaves behind. */
async function garbageOf(time: number): Promise<number> {
  const wasm = await createBackend({ threads: 1 });
  const make = (shape: number[]): Operand<never> => ({
    handle: wasm.fill(shape, 0.01, 'f32') as never,
    shape,
    dtype: 'f32',
  });
  const args = {
    cell: 'lstm',
    reverse: false,
    input: make([time, 1, 4]),
    carry: [make([1, 8]), make([1, 8])],
    weightIh: make([32, 4]),
    weightHh: make([32, 8]),
    biasIh: make([32]),
    biasHh: make([32]),
    mask: null,
  } as const;
  const pass = (): void => {
    const { output, carry, saved } = wasm.recurrentForward!(args, true);
    const back = wasm.recurrentBackward!({
      ...args,
      saved: saved!,
      outputCotangent: output,
      carryCotangents: [null, null],
      wants: { input: true, carry: false, weights: true, delta: false },
    });
    const made = [output, ...carry, ...saved!, back.input, back.weightIh, back.weightHh, back.biasIh, back.biasHh];
    for (const x of made) if (x) wasm.release(x.handle);
  };
  for (let i = 0; i < 100; i++) pass();
  const passes = 20;
  const measured: number[] = [];
  for (let round = 0; round < 9; round++) {
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < passes; i++) pass();
    measured.push((process.memoryUsage().heapUsed - before) / passes);
  }
  wasm.dispose!();
  return measured.toSorted((a, b) => a - b)[4]!;
}

test('a pass leaves as much for the garbage collector after 1000 steps as after 10', async () => {
  const few = await garbageOf(10);
  const many = await garbageOf(1000);
  // One object a step, of the smallest size there is, would be more.
  expect(many - few).toBeLessThan(990 * 16);
});
