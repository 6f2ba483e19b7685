import { disposeTree, fromArray, key, scope, treeLeaves, type Tensor } from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import { sequenceModel, type SequenceModelCarry } from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';

withFreshBackend();

const settings = { input: { features: 2 }, hidden: 3, layers: 2, outputs: 1 } as const;

/** A carry whose numbers tell layer, row and unit: 100 · row + 10 · layer + unit, negative in c. */
function numbered(model: ReturnType<typeof sequenceModel>, rows: readonly number[]): SequenceModelCarry {
  const leaf = (sign: number): Tensor => {
    const values = [0, 1].flatMap((layer) =>
      rows.flatMap((row) => [0, 1, 2].map((unit) => sign * (100 * row + 10 * layer + unit))),
    );
    return fromArray(values, [2, rows.length, 3]);
  };
  return model.config.cell === 'lstm' ? { h: leaf(1), c: leaf(-1) } : leaf(1);
}

const valuesOf = (carry: SequenceModelCarry): number[][] => treeLeaves(carry).map((leaf) => [...leaf.readSync()]);

describe.each(['lstm', 'gru', 'rnnTanh'] as const)('carries of %s', (cell) => {
  const model = sequenceModel({ ...settings, cell });

  test('are joined row by row', () => {
    scope(() => {
      const joined = model.joinCarries([numbered(model, [1]), numbered(model, [2, 3]), numbered(model, [4])]);
      expect(valuesOf(joined)).toEqual(valuesOf(numbered(model, [1, 2, 3, 4])));
      expect(valuesOf(model.joinCarries([joined]))).toEqual(valuesOf(joined));
    });
  });

  test('give rows in any order, and twice', () => {
    scope(() => {
      const carry = numbered(model, [5, 6, 7]);
      expect(valuesOf(model.takeRows(carry, [2, 0, 2]))).toEqual(valuesOf(numbered(model, [7, 5, 7])));
      expect(valuesOf(model.takeRows(carry, Int32Array.of(1)))).toEqual(valuesOf(numbered(model, [6])));
    });
  });

  test('that are taken outlive those they are of', () => {
    const taken = scope(() => model.takeRows(numbered(model, [5, 6]), [1]));
    expect(valuesOf(taken)[0]).toEqual([600, 601, 602, 610, 611, 612]);
    disposeTree(taken);
  });

  test('step alike, joined or alone', () => {
    scope(() => {
      const params = model.init(key(1), { dtype: 'f64' });
      const context = { from: 0, key: null };
      const inputs = fromArray([0.1, 0.2, -0.3, 0.4], [2, 1, 2], { dtype: 'f64' });
      const step = (from: number): SequenceModelCarry =>
        model.forward(
          params,
          model.initialCarry(params),
          { inputs: fromArray(inputs.readSync().slice(from, from + 2), [1, 1, 2], { dtype: 'f64' }) },
          context,
        ).carry;
      const [one, two] = [step(0), step(2)] as const;
      const next = fromArray([0.5, 0.6, 0.7, 0.8], [1, 2, 2], { dtype: 'f64' });
      const both = model.forward(params, model.joinCarries([one, two]), { inputs: next }, context);
      const alone = [one, two].map(
        (carry, row) =>
          model.forward(
            params,
            carry,
            { inputs: fromArray(next.readSync().slice(2 * row, 2 * row + 2), [1, 1, 2], { dtype: 'f64' }) },
            context,
          ).carry,
      );
      expect(valuesOf(both.carry)).toEqual(valuesOf(model.joinCarries(alone)));
      expect(valuesOf(model.takeRows(both.carry, [1]))).toEqual(valuesOf(alone[1] as SequenceModelCarry));
    });
  });

  test('are refused where they do not fit', () => {
    scope(() => {
      const carry = numbered(model, [1, 2]);
      expect(() => model.joinCarries([])).toThrow(/one at least/);
      expect(() => model.joinCarries(carry as never)).toThrow(/a list of carries/);
      expect(() => model.takeRows(carry, [])).toThrow(/one row at least/);
      expect(() => model.takeRows(carry, [2])).toThrow(/no row 2 in a carry of 2; use 0 to 1/);
      expect(() => model.takeRows(carry, [0.5])).toThrow(/no row 0.5/);
      expect(() => model.takeRows(carry, [-1])).toThrow(/no row -1/);
      expect(() => model.takeRows(carry, [NaN])).toThrow(/no row NaN/);
    });
  });
});

test('carries of different cells do not join', () => {
  const [lstm, gru] = [sequenceModel(settings), sequenceModel({ ...settings, cell: 'gru' })];
  scope(() => {
    expect(() => lstm.joinCarries([numbered(lstm, [1]), numbered(gru, [1])])).toThrow(/differ in structure/);
  });
});
