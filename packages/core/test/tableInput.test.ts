import { createBackend } from '@tempograd/backend-js';
import { describe, expect, test } from 'vitest';
import {
  fromArray,
  gather,
  key,
  matmul,
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
  withoutFusedOps,
} from '../src/index.js';
import type { RecurrentCell } from '../src/backend/index.js';

useBackend(createBackend({ poison: true }));

const [time, batch, vocabulary, embedding, hidden] = [5, 3, 4, 2, 3];
const f64 = { dtype: 'f64' } as const;
const gates: Record<RecurrentCell, number> = { rnnTanh: 1, rnnRelu: 1, lstm: 4, gru: 3 };

describe.each(Object.entries(gates) as [RecurrentCell, number][])('row numbers as input of %s', (cell, count) => {
  test.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])('mask %s, reverse %s: equal an embedding and its product, fused and composed', (masked, reverse) => {
    scope(() => {
      const keys = split(key(5), 8);
      const draw = (index: number, shape: number[]) => normal(keys[index]!, shape, f64);
      const numbers = Int32Array.from({ length: time * batch }, (_, i) => (i * 7 + 1) % vocabulary);
      const flags = Int32Array.from({ length: time * batch }, (_, i) => (masked && i % 4 === 1 ? 0 : 1));
      // Row numbers of masked steps are not looked at, so they may be anything.
      const rows = fromArray(
        numbers.map((number, i) => (flags[i] === 0 ? -9 : number)),
        [time, batch],
        { dtype: 'i32' },
      );
      const safeRows = fromArray(numbers, [time, batch], { dtype: 'i32' });
      const mask = masked ? fromArray(flags, [time, batch], { dtype: 'i32' }) : null;
      const params = {
        embedding: draw(0, [vocabulary, embedding]),
        weightIh: draw(1, [count * hidden, embedding]),
        weightHh: draw(2, [count * hidden, hidden]),
        biasIh: draw(3, [count * hidden]),
        biasHh: draw(4, [count * hidden]),
        carry: Array.from({ length: cell === 'lstm' ? 2 : 1 }, (_, i) => draw(5 + i, [batch, hidden])),
      };
      const weights = draw(7, [time, batch, hidden]);
      const loss = (asTable: boolean) => (p: typeof params) => {
        const shared = {
          cell,
          weightHh: p.weightHh,
          biasIh: p.biasIh,
          biasHh: p.biasHh,
          carry: p.carry,
          mask,
          reverse,
        };
        const { output } = asTable
          ? recurrent({ ...shared, input: rows, weightIh: matmul(p.embedding, p.weightIh, { transposeB: true }) })
          : recurrent({ ...shared, input: gather(p.embedding, safeRows), weightIh: p.weightIh });
        return sum(mul(output, weights));
      };
      const expected = valueAndGrad(loss(false))(params);
      const { result: fused, paths } = recordPaths(() => valueAndGrad(loss(true))(params));
      expect(paths).toEqual([{ family: 'recurrent', path: 'fused', reason: '' }]);
      const composed = withoutFusedOps(() => valueAndGrad(loss(true))(params));
      for (const other of [fused, composed]) {
        treeLeaves(other).forEach((leaf, index) => {
          const wanted = treeLeaves(expected)[index]!.readSync();
          leaf.readSync().forEach((value, i) => expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-12));
        });
      }
    });
  });
});

test('a row number outside the table gives NaN', () => {
  scope(() => {
    const [table, weightHh, carry] = [
      normal(key(1), [2, 3]),
      normal(key(2), [3, 3]),
      [normal(key(3), [1, 3])],
    ] as const;
    const input = fromArray([5], [1, 1], { dtype: 'i32' });
    const { output } = recurrent({ cell: 'rnnTanh', input, carry: [...carry], weightIh: table, weightHh });
    expect([...output.readSync()]).toEqual([NaN, NaN, NaN]);
  });
});
