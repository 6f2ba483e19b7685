import type { Backend } from '@tempograd/core/backend';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { engineOf } from '../../src/engine/engineOf.js';
import { createBackend } from '../../src/index.js';
import type { WebGpuHandle } from '../../src/index.js';
import { negated, tensor } from '../support/tensors.js';

let backend: Backend<WebGpuHandle>;

beforeAll(async () => {
  backend = await createBackend({ poison: true });
});

afterAll(() => backend.dispose?.());

test('what is read in one turn comes by one map and one submission, in any order and number', async () => {
  const { counts } = engineOf(backend).commands;
  const xs = Array.from({ length: 300 }, (_, index) => tensor(backend, [index, -index]));
  const before = { ...counts };
  const read = await Promise.all(xs.map((x) => backend.read(negated(backend, x))));
  expect(read.map((values) => values[1])).toEqual(xs.map((_, index) => index));
  expect(counts.readBacks - before.readBacks).toBe(1);
  expect(counts.submissions - before.submissions).toBe(1);
  await backend.read(xs[0]!);
  await backend.read(xs[1]!);
  expect(counts.readBacks - before.readBacks).toBe(3);
});

test('small and large ones together, and of no elements', async () => {
  const large = Float32Array.from({ length: 400_000 }, (_, index) => index % 1000);
  const [a, b] = [tensor(backend, [1, 2, 3]), tensor(backend, [...large])];
  const nothing = { ...a, shape: [0] };
  const { counts } = engineOf(backend).commands;
  const before = counts.submissions;
  const read = await Promise.all([a, b, nothing, a, b].map(async (x) => backend.read(x)));
  expect(counts.submissions).toBe(before + 1);
  expect(read.map(({ length }) => length)).toEqual([3, 400_000, 0, 3, 400_000]);
  for (const index of [1, 4])
    expect(Buffer.compare(Buffer.from(read[index]!.buffer), Buffer.from(large.buffer))).toBe(0);
  for (const index of [0, 3]) expect([...read[index]!]).toEqual([1, 2, 3]);
});

test("a result is the caller's own", async () => {
  const x = tensor(backend, [1, 2]);
  const [first, second] = await Promise.all([backend.read(x), backend.read(x)]);
  first.fill(9);
  expect([...second]).toEqual([1, 2]);
  expect([...(await backend.read(x))]).toEqual([1, 2]);
});
