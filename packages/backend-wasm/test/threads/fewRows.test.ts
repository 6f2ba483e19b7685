import type { Backend, Operand, RecurrentCell } from '@tempograd/core/backend';
import { createBackend } from '@tempograd/backend-wasm';
import { afterAll, expect, test } from 'vitest';
import { numbers } from '../support/oracle.js';

const backends = await Promise.all(
  [1, 2, 3].map(async (threads) => (await createBackend({ threads, parallelFrom: 0 })) as unknown as Backend),
);
afterAll(() => backends.forEach((backend) => backend.dispose?.()));

const gates: Readonly<Record<RecurrentCell, number>> = { rnnTanh: 1, rnnRelu: 1, lstm: 4, gru: 3 };

interface Shape {
  readonly cell: RecurrentCell;
  readonly time: number;
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
  readonly reverse?: boolean;
  readonly masked?: boolean;
  readonly table?: boolean;
  readonly bias?: boolean;
  readonly save?: boolean;
}

/** All that a segment's forward and backward pass give, as bytes. */
function pass(wasm: Backend, shape: Shape): Uint8Array[] {
  const { cell, time, batch, inputs, hidden, reverse = false, masked = false, table = false, bias = true } = shape;
  const columns = gates[cell] * hidden;
  const made: Operand[] = [];
  const put = (data: Float32Array | Int32Array, ...size: number[]): Operand => {
    const dtype = data instanceof Int32Array ? 'i32' : 'f32';
    made.push({ handle: wasm.write(data, size, dtype), shape: size, dtype });
    return made.at(-1)!;
  };
  let seed = 0;
  const make = (...size: number[]): Operand => {
    const length = size.reduce((product, part) => product * part, 1);
    return put(
      numbers(length, ++seed).map((value) => value / Math.sqrt(hidden)),
      ...size,
    );
  };
  const rows = (limit: number, from = 0): Int32Array =>
    Int32Array.from({ length: time * batch }, (_, at) => from + ((at * 7) % limit));
  const args = {
    cell,
    reverse,
    input: table ? put(rows(inputs), time, batch) : make(time, batch, inputs),
    carry: cell === 'lstm' ? [make(batch, hidden), make(batch, hidden)] : [make(batch, hidden)],
    weightIh: table ? make(inputs, columns) : make(columns, inputs),
    weightHh: make(columns, hidden),
    biasIh: bias ? make(columns) : null,
    biasHh: bias ? make(columns) : null,
    mask: masked ? put(rows(3), time, batch) : null,
  };
  const forward = wasm.recurrentForward!(args, shape.save ?? true);
  const results: (Operand | null)[] = [forward.output, ...forward.carry];
  if (forward.saved !== null) {
    const backward = wasm.recurrentBackward!({
      ...args,
      saved: forward.saved,
      outputCotangent: make(time, batch, hidden),
      carryCotangents: args.carry.map(() => make(batch, hidden)),
      wants: { input: !table, carry: true, weights: true, delta: true },
    });
    const { input, carry, weightIh, weightHh, biasIh, biasHh, delta } = backward;
    results.push(...forward.saved, input, ...carry!, weightIh, weightHh, biasIh, biasHh, delta);
  }
  const there = results.filter((result) => result !== null);
  const bytes = there.map((result) => new Uint8Array(new Float32Array(wasm.readSync!(result)).buffer));
  for (const { handle } of [...there, ...made]) wasm.release(handle);
  return bytes;
}

const shapes: readonly Shape[] = [
  { cell: 'lstm', time: 9, batch: 1, inputs: 3, hidden: 384 },
  { cell: 'lstm', time: 33, batch: 1, inputs: 70, hidden: 128, masked: true, save: false },
  { cell: 'lstm', time: 30, batch: 3, inputs: 20, hidden: 192, masked: true, reverse: true },
  { cell: 'lstm', time: 7, batch: 2, inputs: 131, hidden: 208, table: true },
  { cell: 'lstm', time: 5, batch: 1, inputs: 9, hidden: 160, reverse: true },
  { cell: 'gru', time: 40, batch: 2, inputs: 65, hidden: 128, masked: true },
  { cell: 'gru', time: 6, batch: 1, inputs: 200, hidden: 320, bias: false, reverse: true },
  { cell: 'gru', time: 20, batch: 3, inputs: 11, hidden: 144, table: true, masked: true, save: false },
  { cell: 'rnnTanh', time: 70, batch: 1, inputs: 5, hidden: 256 },
  { cell: 'rnnRelu', time: 12, batch: 2, inputs: 17, hidden: 600 },
  { cell: 'rnnTanh', time: 1, batch: 1, inputs: 1, hidden: 128 },
  { cell: 'lstm', time: 17, batch: 1, inputs: 8, hidden: 129 },
  { cell: 'gru', time: 3, batch: 5, inputs: 8, hidden: 130 },
];

test.each(shapes)('$cell T$time B$batch I$inputs H$hidden: the same bits on one, two and three threads', (shape) => {
  const [one, two, three] = backends.map((backend) => pass(backend, shape));
  // Buffers are compared in whole: matchers would look at each of millions of bytes.
  const unlike = (others: typeof one): number[] =>
    one!.flatMap((bytes, at) => (Buffer.compare(bytes, others![at]!) ? [at] : []));
  expect(one!.length).toBeGreaterThan(1);
  expect(unlike(two)).toEqual([]);
  expect(unlike(three)).toEqual([]);
});
