import { expect, test } from 'vitest';
import type { Attack } from '../src/command/Attack.js';
import { runAttacks } from '../src/command/runAttacks.js';

const made: string[] = [];

const attack = (name: string, part: number, fails = -1): Attack => ({
  name,
  does: 'nothing',
  part,
  run(from, count) {
    made.push(`${name} ${from}+${count}`);
    const failures = fails >= from && fails < from + count ? [{ what: `${name} ${fails}`, again: '' }] : [];
    return Promise.resolve({ failures, counts: { [name]: count, halves: count / 2 } });
  },
});

test('parts take turns until each attack has its number, and failures are told as they come', async () => {
  const told: string[] = [];
  const outcomes = await runAttacks(
    [
      { attack: attack('a', 2), count: 5 },
      { attack: attack('b', 10, 13), count: 4 },
    ],
    { from: 10, milliseconds: Infinity, onProgress: () => {}, onFailure: ({ what }) => told.push(what) },
  );
  expect(made).toEqual(['a 10+2', 'b 10+4', 'a 12+2', 'a 14+1']);
  expect(told).toEqual(['b 13']);
  expect(outcomes).toEqual([
    { name: 'a', done: 5, failures: 0, counts: { a: 5, halves: 2.5 } },
    { name: 'b', done: 4, failures: 1, counts: { b: 4, halves: 2 } },
  ]);
});

test('without numbers they go on until the time is over', async () => {
  const [outcome] = await runAttacks([{ attack: attack('a', 1), count: Infinity }], {
    from: 0,
    milliseconds: 20,
    onProgress: () => {},
    onFailure: () => {},
  });
  expect(outcome?.done).toBeGreaterThan(0);
});
