import { expect, it } from 'vitest';
import { costTable } from '../src/gpu/costTable.js';
import { gpus } from '../src/gpu/gpus.js';
import { measureCost } from '../src/gpu/measureCost.js';
import { leastBytes, rooflineSeconds } from '../src/gpu/roofline.js';
import { parameterCount } from '../src/grid/cost.js';
import { parseRow } from '../src/grid/Row.js';

it('counts what a step asks of a device, and its length in time makes no submissions', async () => {
  const [short, long] = [await measureCost(parseRow('rnn-h8-b2-t3')), await measureCost(parseRow('rnn-h8-b2-t9'))];
  for (const { counts, least, median } of [short, long]) {
    expect(counts).toMatchObject({ submissions: 1, readBacks: 1 });
    expect(counts.dispatches).toBeGreaterThan(10);
    expect(median).toBeGreaterThanOrEqual(least);
  }
  expect(costTable([short, long])).toMatch(/rnn-h8-b2-t9 +[\d,]+ +1 +1 /);
});

it('bounds a step by memory and gaps where there is little arithmetic, and by arithmetic where there is much', () => {
  const [, , server] = gpus as [unknown, unknown, (typeof gpus)[number]];
  const small = parseRow('lstm-h64-b1-t1');
  expect(leastBytes(small)).toBeGreaterThan(36 * parameterCount(small));
  expect(rooflineSeconds(small, 40, server)).toBeCloseTo(leastBytes(small) / 3.35e12 + 40 * 3e-6, 9);
  const large = parseRow('lstm-h1024-b128-t200');
  const flops = 3 * 2 * (4 * 1024 * (64 + 1024) + 1024 * 65) * 128 * 200;
  expect(rooflineSeconds(large, 0, server)).toBeCloseTo(flops / 66.9e12, 6);
});
