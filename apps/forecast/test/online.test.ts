import { Readable } from 'node:stream';
import { createBackend } from '@tempograd/backend-js';
import { useBackend } from '@tempograd/core';
import { expect, it } from 'vitest';
import { learnOnline, type OnlineForecast } from '../src/online/learnOnline.js';
import { readNumbers } from '../src/online/readNumbers.js';
import { RunningScale } from '../src/online/RunningScale.js';

const backend = createBackend();
useBackend(backend);

async function* wave(length: number): AsyncGenerator<number, void, void> {
  for (let step = 0; step < length; step++) yield 10 + 3 * Math.sin(step / 4);
}

const options = { hidden: 8, seed: 1, share: 0.8 };

it('learns from a stream: its errors fall far below those of the last value, and its band holds', async () => {
  const before = backend.memory().buffers;
  let [inside, judged] = [0, 0];
  let former: OnlineForecast | null = null;
  let found: OnlineForecast | null = null;
  for await (found of learnOnline(wave(250), options)) {
    if (former !== null && former.reach !== null) {
      judged++;
      if (Math.abs(found.value - former.next) <= former.reach) inside++;
    }
    former = found;
  }
  expect(found).toMatchObject({ count: 250 });
  expect(found!.relativeError).toBeLessThan(0.7);
  expect(inside / judged).toBeGreaterThan(0.75);
  // What is left are the parameters, which nobody disposed of, and the reader's memory of the stream.
  expect(backend.memory().buffers - before).toBeLessThan(20);
});

it('forecasts by what has come alone', async () => {
  const upTo = async (values: AsyncIterable<number>): Promise<number[]> => {
    const next: number[] = [];
    for await (const forecast of learnOnline(values, options)) next.push(forecast.next);
    return next;
  };
  async function* otherwise(): AsyncGenerator<number, void, void> {
    let step = 0;
    for await (const value of wave(30)) yield step++ < 20 ? value : -50;
  }
  const [one, other] = [await upTo(wave(30)), await upTo(otherwise())];
  expect(other.slice(0, 19)).toEqual(one.slice(0, 19));
  expect(other.slice(19)).not.toEqual(one.slice(19));
});

it('numbers are read line by line, and what is none is refused by its line', async () => {
  const read = async (text: string): Promise<number[]> => {
    const numbers: number[] = [];
    for await (const number of readNumbers(Readable.from([text]))) numbers.push(number);
    return numbers;
  };
  expect(await read('1\r\n\n-2.5e1\n3')).toEqual([1, -25, 3]);
  await expect(read('1\ntwo\n')).rejects.toThrow('Line 2 is no number: "two"');
  await expect(read('Infinity')).rejects.toThrow('Line 1 is no number');
});

it('a scale is the deviation of the numbers so far', () => {
  const scale = new RunningScale();
  expect(scale.scale(3)).toBe(3);
  for (const value of [2, 4, 4, 4, 5, 5, 7, 9]) scale.add(value);
  expect(scale.deviation).toBeCloseTo(Math.sqrt(32 / 7), 12);
});
