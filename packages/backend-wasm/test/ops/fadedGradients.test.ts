import {
  gruCell,
  key,
  lstmCell,
  mul,
  normal,
  rnnCell,
  scan,
  scope,
  sliceAxis,
  split,
  sum,
  useBackend,
  valueAndGrad,
  type Key,
  type Tensor,
} from '@tempograd/core';
import { expect, test } from 'vitest';
import { createBackend } from '@tempograd/backend-wasm';

/** The least f32 that is normal. */
const leastNormal = 2 ** -126;

test.each(['rnn', 'gru', 'lstm'] as const)('the gradient of a last loss ends where it has faded: %s', async (kind) => {
  useBackend(await createBackend());
  scope(() => {
    const [time, batch, inputs, hidden] = [400, 3, 2, 5];
    const cells = {
      rnn: rnnCell({ hiddenSize: hidden }),
      gru: gruCell({ hiddenSize: hidden }),
      lstm: lstmCell({ hiddenSize: hidden }),
    };
    const cell = cells[kind] as ReturnType<typeof rnnCell>;
    const rows = { rnn: 1, gru: 3, lstm: 4 }[kind] * hidden;
    const [k1, k2, k3] = split(key(1), 3) as [Key, Key, Key];
    const params = { weight_ih: normal(k1, [rows, inputs]), weight_hh: mul(normal(k2, [rows, hidden]), 0.2) };
    const lossOf = valueAndGrad((x: Tensor) => {
      const { output } = scan(cell, params, cell.initialCarry(batch), x);
      return sum(sliceAxis(output, time - 1, time));
    });
    const sizes = [...lossOf(normal(k3, [time, batch, inputs])).gradient.readSync()].map(Math.abs);
    const step = batch * inputs;
    expect(sizes.filter((size) => size > 0 && size < leastNormal)).toEqual([]);
    expect(Math.max(...sizes.slice(0, step))).toBe(0);
    // It is followed to where nothing of it could count.
    expect(Math.min(...sizes.filter((size) => size > 0))).toBeLessThan(1e-29);
    expect(Math.max(...sizes.slice(-step))).toBeGreaterThan(1e-3);
  });
});
