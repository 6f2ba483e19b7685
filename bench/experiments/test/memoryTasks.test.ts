import { createBackend } from '@tempograd/backend-js';
import { disposeTree, useBackend, type Tensor } from '@tempograd/core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { keptPlaces } from '../src/command/places.js';
import { addingProblem } from '../src/memoryTasks/addingProblem.js';
import { copyMemory } from '../src/memoryTasks/copyMemory.js';
import type { MemoryFigures } from '../src/memoryTasks/memoryExperiment.js';
import type { MemoryTask } from '../src/memoryTasks/MemoryTask.js';
import { parity } from '../src/memoryTasks/parity.js';
import { addingTask } from '../src/memoryTasks/tasks/addingTask.js';
import { copyMemoryTask } from '../src/memoryTasks/tasks/copyMemoryTask.js';
import { parityTask } from '../src/memoryTasks/tasks/parityTask.js';

const batch = 64;

/** A batch of a task: what each row reads and is to answer, step by step. */
async function rowsOf(task: MemoryTask, seed = 1): Promise<{ inputs: number[][]; targets: number[][] }> {
  for await (const { stretch } of task.data(batch, seed).open({ epoch: 0, index: 0 })) {
    const rowsIn = (tensor: Tensor): number[][] => {
      const width = tensor.size / task.steps / batch;
      const values = tensor.readSync();
      const at = (step: number, row: number, each: number): number => (step * batch + row) * width + each;
      return Array.from({ length: batch }, (_, row) =>
        Array.from(
          { length: task.steps * width },
          (__, index) => values[at(Math.floor(index / width), row, index % width)] as number,
        ),
      );
    };
    const [inputs, targets] = [rowsIn(stretch.inputs), rowsIn(stretch.targets)];
    disposeTree(stretch);
    return { inputs, targets };
  }
  throw new Error('There is no stretch.');
}

describe('tasks of memory', () => {
  beforeEach(() => useBackend(createBackend()));

  test('copy memory asks for what was shown, and is worth 10 ln 8 / (T + 20) nats to whoever does not look', async () => {
    const task = copyMemoryTask(100, 10);
    expect(task.steps).toBe(120);
    expect(task.blind).toBeCloseTo(0.1733, 4);
    const { inputs, targets } = await rowsOf(task);
    for (const [row, read] of inputs.entries()) {
      const shown = read.slice(0, 10);
      expect(shown.every((symbol) => symbol >= 0 && symbol < 8)).toBe(true);
      expect(read.slice(10)).toEqual([...new Array<number>(99).fill(8), 9, ...new Array<number>(10).fill(8)]);
      expect(targets[row]).toEqual([...new Array<number>(110).fill(8), ...shown]);
    }
    expect(new Set(inputs.map((read) => read.slice(0, 10).join())).size).toBe(batch);
  });

  test('adding marks a number in each half; the variance of their sum is 1/6', async () => {
    const task = addingTask(11);
    const { inputs, targets } = await rowsOf(task);
    const errors = inputs.map((read, row) => {
      const marked = read.flatMap((value, at) => (at % 2 === 1 && value === 1 ? [(at - 1) / 2] : []));
      expect(marked).toHaveLength(2);
      expect(marked[0]).toBeLessThan(5);
      expect(marked[1]).toBeGreaterThanOrEqual(5);
      const sum = marked.reduce((total, step) => total + (read[2 * step] as number), 0);
      expect(targets[row]?.at(-1)).toBeCloseTo(sum, 6);
      return (sum - 1) ** 2;
    });
    const mean = errors.reduce((a, b) => a + b, 0) / batch;
    expect(task.blind).toBe(1 / 6);
    // The standard error of 64 of them is 0.025.
    expect(Math.abs(mean - task.blind)).toBeLessThan(0.08);
  });

  test('parity tells of every step whether an odd number of bits was 1, which is as often so as not', async () => {
    const task = parityTask(9);
    const { inputs, targets } = await rowsOf(task);
    for (const [row, read] of inputs.entries()) {
      const ones = read.map((_, step) => read.slice(0, step + 1).filter((bit) => bit === 1).length);
      expect(targets[row]).toEqual(ones.map((count) => count % 2));
    }
    const odd = targets.flat().filter((target) => target === 1).length / (9 * batch);
    expect(Math.abs(odd - 0.5)).toBeLessThan(0.1);
    expect(task.blind).toBe(Math.LN2);
  });

  test('the same seed gives the same sequences, another one others', async () => {
    for (const task of [copyMemoryTask(3, 2), addingTask(6), parityTask(12)]) {
      const [one, again, other] = [await rowsOf(task, 3), await rowsOf(task, 3), await rowsOf(task, 4)];
      expect(again).toEqual(one);
      expect(other.inputs).not.toEqual(one.inputs);
    }
  });
});

describe('starts', () => {
  const byName = ({ runners }: MemoryFigures): Record<string, MemoryFigures['runners'][number]> =>
    Object.fromEntries(runners.map((runner) => [runner.name, runner]));

  test('of copy memory: chrono leaves the blind loss behind, an LSTM as it comes does not yet', async () => {
    const { blind, runners } = await copyMemory.run({ size: 'small', seed: 1 });
    expect(blind).toBeCloseTo((3 * Math.log(8)) / 16, 12);
    const ends = Object.fromEntries(runners.map(({ name, losses }) => [name, (losses.at(-1)?.[1] ?? NaN) / blind]));
    expect(ends['LSTM, chrono']).toBeLessThan(0.95);
    for (const name of ['LSTM', 'RNN, orthogonal']) {
      // That nothing comes next is soon learnt, so that nobody is much worse than blind.
      expect(ends[name]).toBeGreaterThan(0.98);
      expect(ends[name]).toBeLessThan(1.05);
    }
  });

  test('of adding: gates that keep solve it, tanh does not get better than blind', async () => {
    const { 'GRU, chrono': chrono, RNN } = byName(await addingProblem.run({ size: 'small', seed: 1 }));
    expect(chrono?.solved).toBeLessThanOrEqual(300);
    expect(RNN?.beatBlind).toBeNull();
  });

  test('of parity: all learn it where it is short, gates first', async () => {
    const { LSTM, RNN } = byName(await parity.run({ size: 'small', seed: 1 }));
    expect(LSTM?.solved).not.toBeNull();
    expect(RNN?.solved).toBeGreaterThan(LSTM?.solved as number);
  });
});

test('figures that are kept say what the pages do: who is first, and who stays blind', () => {
  const kept = (name: string): Record<string, MemoryFigures['runners'][number]> => {
    const { figures } = JSON.parse(readFileSync(join(keptPlaces.results, `${name}.json`), 'utf8')) as {
      figures: MemoryFigures;
    };
    return Object.fromEntries(figures.runners.map((runner) => [runner.name, runner]));
  };
  const solved = (name: string, start: string): number => kept(name)[start]?.solved ?? Infinity;
  expect(solved('adding-problem', 'LSTM, chrono')).toBeLessThan(0.6 * solved('adding-problem', 'LSTM'));
  for (const start of ['RNN', 'RNN, orthogonal']) {
    expect(kept('adding-problem')[start]?.beatBlind).toBeNull();
    expect(kept('copy-memory')[start]?.beatBlind).toBeNull();
  }
  expect(solved('adding-problem', 'RNN, ReLU and identity')).toBeLessThan(1000);
  const end = (start: string): number => kept('copy-memory')[start]?.losses.at(-1)?.[1] ?? NaN;
  expect(end('LSTM, chrono')).toBeLessThan(end('LSTM'));
  expect(end('GRU, chrono')).toBeLessThan(end('GRU'));
  expect(solved('parity', 'LSTM')).toBeLessThan(solved('parity', 'LSTM, chrono'));
  expect(kept('parity')['RNN, ReLU and identity']?.solved).toBeNull();
});
