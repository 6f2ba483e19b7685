import { createBackend } from '@tempograd/backend-js';
import { expect, test } from 'vitest';
import { tensor, useBackend, type Tensor } from '../../src/index.js';
import { PendingSteps } from '../../src/strategies/PendingSteps.js';

const backend = createBackend();
useBackend(backend);

const valuesOf = (x: Tensor | null): number[] => {
  const values = x === null ? [] : [...x.readSync()];
  x?.dispose();
  return values;
};

test('steps come out as they went in, however they are cut, shared whole and in parts', () => {
  const before = backend.memory().buffers;
  for (let seed = 1; seed <= 60; seed++) {
    let state = seed;
    const below = (n: number): number => {
      state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
      return (state >>> 8) % n;
    };
    const pending = new PendingSteps<Tensor>();
    const wanted: number[] = [];
    let next = 0;
    for (let round = 0; round < 12; round++) {
      const given = Array.from({ length: 1 + below(7) }, () => next++);
      const stretch = tensor(given);
      pending.add(stretch);
      stretch.dispose();
      wanted.push(...given);
      const steps = below(wanted.length + 1);
      if (steps > 0) {
        const taken = pending.takeParts(steps);
        const due = wanted.splice(0, steps);
        expect(taken.time).toBe(steps);
        const from = below(steps);
        expect(valuesOf(taken.slice(from, steps))).toEqual(due.slice(from));
        expect(valuesOf(taken.share())).toEqual(due);
        taken.dispose();
      }
      expect(pending.time).toBe(wanted.length);
      if (below(2) === 0) expect(valuesOf(pending.share())).toEqual(wanted);
    }
    pending.dispose();
  }
  expect(backend.memory().buffers).toBe(before);
});
