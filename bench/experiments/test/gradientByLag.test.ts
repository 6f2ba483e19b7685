import { expect, test } from 'vitest';
import { gradientByLag } from '../src/gradientByLag/gradientByLag.js';

test('before training a plain network’s gradient fades fastest, then a GRU’s, then an LSTM’s; orthogonal and chrono starts keep it', async () => {
  const { cells, time } = await gradientByLag.run({ size: 'small', seed: 1 });
  const left = Object.fromEntries(cells.map(({ name, untrained }) => [name, untrained.at(-1)!]));
  const { RNN: rnn, GRU: gru, LSTM: lstm } = left;
  expect(rnn).toBeLessThan(1e-4);
  expect(gru).toBeGreaterThan(rnn!);
  expect(lstm).toBeGreaterThan(10 * gru!);
  expect(left['RNN, orthogonal']).toBeGreaterThan(0.1);
  expect(left['LSTM, chrono']).toBeGreaterThan(2 * lstm!);
  for (const { untrained, trained, loss } of cells) {
    expect([untrained.length, trained.length]).toEqual([time - 1, time - 1]);
    expect(untrained[0]).toBe(1);
    expect(trained).not.toEqual(untrained);
    expect(loss).toBeLessThan(2);
  }
});
