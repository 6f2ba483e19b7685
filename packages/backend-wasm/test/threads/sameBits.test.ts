import type { Backend, Operand } from '@tempograd/core/backend';
import { createBackend } from '@tempograd/backend-wasm';
import { expect, test } from 'vitest';
import { expectSameBits } from '../support/bits.js';
import { numbers } from '../support/oracle.js';

/** Results of ops that threads divide in different ways: by elements, rows, columns, tiles, batch rows. */
async function resultsOn(threads: number): Promise<Float32Array[]> {
  const wasm = (await createBackend({ threads, parallelFrom: 0 })) as unknown as Backend;
  let seed = 0;
  const make = (...shape: number[]): Operand => {
    const size = shape.reduce((product, length) => product * length, 1);
    return { handle: wasm.write(numbers(size, ++seed), shape, 'f32'), shape, dtype: 'f32' };
  };
  const of = (handle: object, ...shape: number[]): Operand => ({ handle, shape, dtype: 'f32' });
  const [x, w, g] = [make(133, 71), make(97, 71), make(133, 97)];
  const args = {
    cell: 'lstm',
    reverse: false,
    input: make(7, 19, 13),
    carry: [make(19, 31), make(19, 31)],
    weightIh: make(124, 13),
    weightHh: make(124, 31),
    biasIh: make(124),
    biasHh: make(124),
    mask: null,
  } as const;
  const forward = wasm.recurrentForward!(args, true);
  const backward = wasm.recurrentBackward!({
    ...args,
    saved: forward.saved!,
    outputCotangent: forward.output,
    carryCotangents: [null, null],
    wants: { input: true, carry: true, weights: true, delta: true },
  });
  const linear = wasm.linearBackward!(x, w, g, { x: true, weight: true, bias: true });
  const long = make(300_001);
  const results = [
    of(wasm.matmul(x, w, false, true), 133, 97),
    of(linear.x!, 133, 71),
    of(linear.weight!, 97, 71),
    of(linear.bias!, 97),
    of(wasm.sum(long, [0])),
    of(wasm.globalNorm!([long, x, w])),
    of(wasm.unary('tanh', long), 300_001),
    of(wasm.randomUniform!([1001], 'f32', [1, 2], 3), 1001),
    forward.output,
    ...forward.carry,
    backward.input!,
    ...backward.carry!,
    backward.weightIh!,
    backward.weightHh!,
    backward.biasIh!,
    backward.delta!,
  ];
  const values = results.map((result) => wasm.readSync!(result) as Float32Array);
  wasm.dispose!();
  return values;
}

test('the number of threads changes no bit', async () => {
  const one = await resultsOn(1);
  for (const threads of [2, 3]) {
    const several = await resultsOn(threads);
    expect(several.length).toBe(one.length);
    for (const [at, values] of several.entries()) expectSameBits(values, one[at]!, `result ${at}, ${threads} threads`);
  }
});
