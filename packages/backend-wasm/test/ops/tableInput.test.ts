import { createBackend } from '@tempograd/backend-js';
import { createBackend as createWasm } from '@tempograd/backend-wasm';
import {
  fromArray,
  key,
  mul,
  normal,
  recordPaths,
  recurrent,
  scope,
  split,
  sum,
  treeLeaves,
  useBackend,
  valueAndGrad,
} from '@tempograd/core';
import { gateCount, recurrentCells, type Backend, type RecurrentCell } from '@tempograd/core/backend';
import { describe, expect, test } from 'vitest';

const js = createBackend();

/** Value and gradients of a segment whose inputs are row numbers, on one backend. */
function run(
  backend: Backend,
  cell: RecurrentCell,
  sizes: readonly number[],
  masked: boolean,
  reverse: boolean,
): number[][] {
  useBackend(backend);
  return scope(() => {
    const [time = 0, batch = 0, rows = 0, hidden = 0] = sizes;
    const columns = gateCount[cell] * hidden;
    const keys = split(key(time * batch), 7);
    // Small enough for a plain network not to be chaotic, which would blow rounding up.
    const draw = (index: number, shape: number[]) => mul(normal(keys[index]!, shape), 0.8 / Math.sqrt(hidden));
    const flags = Int32Array.from({ length: time * batch }, (_, i) => (masked && i % 4 === 1 ? 0 : 1));
    const numbers = flags.map((flag, i) => (flag === 0 ? -9 : (i * 7 + 1) % rows));
    const mask = masked ? fromArray(flags, [time, batch], { dtype: 'i32' }) : null;
    const params = {
      weightIh: draw(0, [rows, columns]),
      weightHh: draw(1, [columns, hidden]),
      biasIh: draw(2, [columns]),
      biasHh: draw(3, [columns]),
      carry: Array.from({ length: cell === 'lstm' ? 2 : 1 }, (_, i) => draw(4 + i, [batch, hidden])),
    };
    const input = fromArray(numbers, [time, batch], { dtype: 'i32' });
    const weights = draw(6, [time, batch, hidden]);
    const loss = (p: typeof params) => sum(mul(recurrent({ cell, input, mask, reverse, ...p }).output, weights));
    const { result, paths } = recordPaths(() => valueAndGrad(loss)(params));
    expect(paths).toMatchObject([{ path: 'fused' }]);
    return treeLeaves(result).map((leaf) => [...leaf.readSync()]);
  });
}

const expected = new Map<string, number[][]>();

/** What the reference makes of a segment, once for all numbers of threads. */
function expectedOf(cell: RecurrentCell, sizes: readonly number[], masked: boolean, reverse: boolean): number[][] {
  const name = JSON.stringify([cell, sizes, masked, reverse]);
  const known = expected.get(name) ?? run(js, cell, sizes, masked, reverse);
  expected.set(name, known);
  return known;
}

describe.each([1, 2])('row numbers as input, %i threads', (threads) => {
  test.each(recurrentCells)('%s: value and gradients as on the reference', async (cell) => {
    const wasm = await createWasm({ threads, poison: true });
    try {
      for (const sizes of [
        [5, 3, 4, 3],
        [1, 1, 65, 16],
        [20, 1, 9, 20],
        [40, 33, 65, 36],
      ]) {
        for (const masked of [false, true]) {
          for (const reverse of [false, true]) {
            const known = expectedOf(cell, sizes, masked, reverse);
            run(wasm, cell, sizes, masked, reverse).forEach((values, leaf) => {
              const wanted = known[leaf]!;
              const scale = Math.max(...wanted.map(Math.abs), 1);
              const worst = Math.max(...values.map((value, i) => Math.abs(value - wanted[i]!) / scale));
              expect(worst, `${sizes.join('×')} leaf ${leaf}`).toBeLessThan(2e-5);
            });
          }
        }
      }
    } finally {
      wasm.dispose?.();
    }
  });
});
