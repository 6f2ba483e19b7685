import { createBackend } from '@tempograd/backend-js';
import { ArgumentError, disposeTree, key, uniformValues, useBackend } from '@tempograd/core';
import { describe, expect, it } from 'vitest';
import { exportOnnx, importLayers, importModel, OnnxError, readOnnx } from '../src/index.js';
import { operatorFile } from './support/operatorFile.js';
import { trained } from './support/trained.js';

const backend = createBackend();
useBackend(backend);

const { model, params } = trained({ input: { vocabulary: 3, embedding: 2 }, layers: 2, hidden: 2, outputs: 3 });
const file = await exportOnnx(model, params);
const buffers = backend.memory().buffers;

/** What comes of a file: nothing at all, or an error that says so. */
function outcome(bytes: Uint8Array): 'read' | 'refused' {
  try {
    const read = readOnnx(bytes);
    for (const name of read.tensorNames) read.tensor(name);
    disposeTree(importLayers(read).map((layer) => layer.params));
    disposeTree(importModel(read).params);
    return 'read';
  } catch (error) {
    if (!(error instanceof OnnxError)) throw error;
    return 'refused';
  }
}

describe('readOnnx', () => {
  it('reads what is whole', () => {
    expect(outcome(file)).toBe('read');
  });

  it('refuses a file that is cut off, wherever', () => {
    const whole: number[] = [];
    for (let length = 0; length < file.length; length++) {
      if (outcome(file.subarray(0, length)) === 'read') whole.push(length);
    }
    // Before the metadata, which a file need not have.
    expect(whole.length).toBe(1);
    expect(readOnnx(file.subarray(0, whole[0])).metadata).toEqual({});
    expect(backend.memory().buffers).toBe(buffers);
  });

  it('refuses damage with an OnnxError, or reads what is a file all the same', () => {
    const draws = uniformValues(key(3), 500);
    const seen = { read: 0, refused: 0 };
    for (let index = 0; index < draws.length; index += 2) {
      const bytes = file.slice();
      bytes[Math.floor((draws[index] as number) * bytes.length)] = Math.floor((draws[index + 1] as number) * 256);
      seen[outcome(bytes)]++;
    }
    expect(seen.read).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(0);
    expect(backend.memory().buffers).toBe(buffers);
  });

  it.each([
    ['no bytes at all', new Uint8Array(0), /no graph/],
    ['text', new TextEncoder().encode('{"config": 1}'), /no ONNX model, or one that is damaged or cut off/],
    ['zeros', new Uint8Array(1000), /no ONNX model/],
    ['groups inside groups', new Uint8Array(1e6).fill(0x0b), /no ONNX model|no graph/],
    ['a length beyond the end', Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x07), /damaged or cut off/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readOnnx(bytes)).toThrow(OnnxError);
    expect(() => readOnnx(bytes)).toThrow(message);
  });

  it('refuses what are no bytes', () => {
    for (const given of ['model.onnx', undefined, null, [1], file.buffer]) {
      expect(() => readOnnx(given as never)).toThrow(ArgumentError);
      expect(() => readOnnx(given as never)).toThrow(/wanted the bytes of a file, a Uint8Array/);
    }
  });

  it('takes a Buffer, and a part of a larger one', () => {
    const larger = Buffer.concat([Buffer.from([1, 2, 3]), file]);
    expect(outcome(larger.subarray(3))).toBe('read');
  });

  const identity = { op: 'Identity', inputs: ['a'], outputs: ['out'] };
  it('refuses nodes out of order, and two values of one name', () => {
    const [b, a] = [
      { op: 'Relu', inputs: ['x'], outputs: ['b'] },
      { op: 'Relu', inputs: ['b'], outputs: ['a'] },
    ];
    const tensors = { x: { shape: [1] } };
    expect(() => readOnnx(operatorFile([a, b, identity], tensors, ['out']))).toThrow(/takes "b", which is no input/);
    expect(() => readOnnx(operatorFile([{ ...b, outputs: ['x'] }], tensors, ['x']))).toThrow(
      /gives "x", which is there/,
    );
  });

  it.each([
    [
      'more elements than it has',
      [2, 3],
      [1, 2],
      /should have 6 elements, for its shape is \[2, 3\], but the file has 2/,
    ],
    ['more than there can be', [2 ** 40, 2 ** 40], [1], /but the file has 1\. The file is damaged/],
    ['a length below 0', [-1], [1], /has the shape \[-1\], which no tensor can have/],
  ])('refuses a tensor that says it has %s', (_, shape, data, message) => {
    const bytes = operatorFile([identity], { a: { shape, data } }, ['out']);
    expect(() => readOnnx(bytes).tensor('a')).toThrow(message);
  });

  it('names a tensor that is not there, and types that are not read', () => {
    const read = readOnnx(file);
    expect(() => read.tensor('rnn.9.w')).toThrow(
      /has no values for "rnn\.9\.w"; it has them for embedding\.weight, rnn\.0\.w/,
    );
    const at = file.findIndex(
      (byte, index) =>
        byte === 0x10 &&
        file[index + 1] === 1 &&
        String.fromCharCode(...file.subarray(index + 4, index + 20)) === 'embedding.weight',
    );
    for (const [type, message] of [
      [10, /Tensor "embedding\.weight" is of float16; what is read is float, double, int32 and int64/],
      [99, /is of type number 99/],
    ] as const) {
      const bytes = file.slice();
      bytes[at + 1] = type;
      expect(() => importLayers(readOnnx(bytes))).toThrow(message);
    }
  });

  it('says where values are that are in another file', () => {
    const bytes = operatorFile([identity], { a: { shape: [1], data: [], external: true } }, ['out']);
    expect(() => readOnnx(bytes).tensor('a')).toThrow(/in another file \(external data\).*onnx\.save/s);
  });
});
