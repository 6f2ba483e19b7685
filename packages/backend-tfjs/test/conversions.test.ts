import { createBackend as createReference } from '@tempograd/backend-js';
import { fromTfjs, tfjs, toTfjs, type TfjsBackend } from '@tempograd/backend-tfjs';
import { add, grad, mul, scope, sum, tensor, useBackend, zeros, type Tensor } from '@tempograd/core';
import '@tensorflow/tfjs-backend-cpu';

import './support/wasm.js';
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, expect, test } from 'vitest';

let backend: TfjsBackend;

beforeEach(async () => {
  await tf.setBackend('cpu');
  backend = tfjs(tf);
  useBackend(backend);
});

test('a tfjs tensor comes over on the same storage, and each side frees its own', () => {
  const before = tf.memory();
  const theirs = tf.tensor2d([[1, 2], [3, 4]]); // prettier-ignore
  const ours = fromTfjs(theirs);
  expect(tf.memory().numDataBuffers - before.numDataBuffers).toBe(1);
  expect(ours).toMatchObject({ shape: [2, 2], dtype: 'f32' });
  theirs.dispose();
  expect([...ours.readSync()]).toEqual([1, 2, 3, 4]);
  ours.dispose();
  expect(tf.memory().numTensors).toBe(before.numTensors);
});

test('a tensor goes to tfjs on the same storage, as what a tf.tidy around it frees', () => {
  const ours = tensor([1, 2, 3]);
  const { numTensors, numDataBuffers } = tf.memory();
  const total = tf.tidy(() => tf.sum(tf.square(toTfjs(ours))).dataSync()[0]);
  expect(total).toBe(14);
  expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
  const theirs = toTfjs(ours);
  expect(tf.memory().numDataBuffers).toBe(numDataBuffers);
  ours.dispose();
  expect([...theirs.dataSync()]).toEqual([1, 2, 3]);
  theirs.dispose();
});

test('what is made here outlives the tf.tidy it is made in, until its own scope ends', () => {
  const before = tf.memory().numTensors;
  scope(() => {
    const kept: Tensor[] = [];
    tf.tidy(() => void kept.push(add(tensor([1, 2]), 1)));
    expect([...(kept[0] as Tensor).readSync()]).toEqual([2, 3]);
  });
  expect(tf.memory().numTensors).toBe(before);
});

test('element types: int32 and bool become i32, others are refused', () => {
  expect(fromTfjs(tf.tensor1d([1, 2], 'int32')).dtype).toBe('i32');
  const mask = fromTfjs(tf.tensor1d([true, false], 'bool'));
  expect([mask.dtype, ...mask.readSync()]).toEqual(['i32', 1, 0]);
  expect(() => fromTfjs(tf.tensor1d(['a'], 'string'))).toThrow(/a string tensor has no counterpart/);
  expect(toTfjs(tensor([1], { dtype: 'i32' })).dtype).toBe('int32');
});

test('a tensor of another backend, or of a differentiation, is refused with what to do', () => {
  const theirs = tf.scalar(1);
  const reference = createReference();
  expect(() => fromTfjs(theirs, { backend: reference })).toThrow(/the backend is js.*useBackend\(tfjs\(tf\)\)/s);
  expect(() => toTfjs(zeros([2], { backend: reference }))).toThrow(/is on js.*tf\.tensor\(await x\.read\(\)/s);
  const loss = (x: Tensor): Tensor => {
    toTfjs(x);
    return sum(mul(x, x));
  };
  expect(() => grad(loss)(tensor([1, 2]))).toThrow(/would have no gradient/);
});

test('values: what is written and read is a copy', async () => {
  const data = Float32Array.of(1, 2);
  const x = { handle: backend.write(data, [2], 'f32'), shape: [2], dtype: 'f32' as const };
  data.fill(9);
  (await backend.read(x)).fill(7);
  backend.readSync!(x).fill(8);
  expect([...backend.readSync!(x)]).toEqual([1, 2]);
  backend.release(x.handle);
});

test('a cast to i32 goes to the ends, and NaN to 0', () => {
  const x = {
    handle: backend.write(Float32Array.of(3e9, -3e9, NaN, -2.9, 2 ** 31, Infinity), [6], 'f32'),
    shape: [6],
    dtype: 'f32' as const,
  };
  const cast = { ...x, handle: backend.cast(x, 'i32') };
  expect([...backend.readSync!(cast)]).toEqual([2 ** 31 - 1, -(2 ** 31), 0, -2, 2 ** 31 - 1, 2 ** 31 - 1]);
  backend.dispose!();
});

test('a released handle, a disposed backend and another active backend are refused', async () => {
  const x = { handle: backend.fill([2], 1, 'f32'), shape: [2], dtype: 'f32' as const };
  await tf.setBackend('wasm');
  expect(() => backend.unary('exp', x)).toThrow(/active backend of tfjs is now wasm.*setBackend\('cpu'\)/s);
  await tf.setBackend('cpu');
  backend.release(x.handle);
  expect(() => backend.unary('exp', x)).toThrow(/released or was not made by this backend/);
  expect(() => backend.unary('exp', { ...x, handle: tf.scalar(1) })).toThrow(/fromTfjs/);
  const before = tf.memory().numTensors;
  const late = backend.fill([2], 1, 'f32');
  backend.dispose!();
  expect(tf.memory().numTensors).toBe(before);
  expect(() => backend.memory()).toThrow(/was disposed of/);
  backend.release(late);
});

test('half precision is refused unless allowed', () => {
  const half = { ...tf, add: () => tf.fill([1000], 1) } as typeof tf;
  expect(() => tfjs(half)).toThrow(/half precision.*allowHalfPrecision/s);
  expect(tfjs(half, { allowHalfPrecision: true }).info.halfPrecision).toBe(true);
});

test('without a backend that is ready it says what to await', () => {
  const starting = { ...tf, backend: () => { throw new Error('The highest priority backend has not been initialized'); } } as typeof tf; // prettier-ignore
  expect(() => tfjs(starting)).toThrow(/await tf\.ready\(\)/);
});
