import { readFileSync, readdirSync } from 'node:fs';
import { disposeTree, key, scope, tensor, treeEntries, type DType } from '@tempograd/core';
import { sizeOf, toTypedArray } from '@tempograd/core/backend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  loadInto,
  lstm,
  readSafetensors,
  readTree,
  SafetensorsError,
  writeSafetensors,
  type StoredTensor,
} from '../src/index.js';
import { withFreshBackend } from './support/close.js';

const folder = new URL('golden/', import.meta.url);

/** A file of a header, as an object or as text, and data. */
function file(header: unknown, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

describe('safetensors', () => {
  it('reads every file PyTorch’s numbers came in, and writes the same tensors', () => {
    for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.safetensors'))) {
      const read = readSafetensors(readFileSync(new URL(name, folder)));
      expect(read.tensors.size, name).toBeGreaterThan(0);
      const again = readSafetensors(writeSafetensors(read.tensors, read.metadata));
      expect(again.tensors, name).toEqual(read.tensors);
      expect(again.metadata).toEqual(read.metadata);
    }
  });

  it('gives back what was written, bit for bit', () => {
    const stored = fc
      .record({
        dtype: fc.constantFrom<DType>('f32', 'f64', 'i32'),
        shape: fc.array(fc.nat(4), { maxLength: 3 }),
        seed: fc.array(fc.double(), { minLength: 1, maxLength: 9 }),
      })
      .map(({ dtype, shape, seed }): StoredTensor => {
        const values = Array.from({ length: sizeOf(shape) }, (_, index) => seed[index % seed.length] as number);
        return { dtype, shape, data: toTypedArray(values, dtype) };
      });
    const names = fc.string().filter((name) => name !== '__metadata__');
    fc.assert(
      fc.property(fc.dictionary(names, stored), fc.dictionary(fc.string(), fc.string()), (tensors, metadata) => {
        const bytes = writeSafetensors(tensors, metadata);
        const read = readSafetensors(bytes);
        expect(read.tensors).toEqual(new Map(Object.entries(tensors)));
        expect(Object.entries(read.metadata)).toEqual(Object.entries(metadata));
        expect(writeSafetensors(tensors, metadata)).toEqual(bytes);
        const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
        expect(length % 8).toBe(0);
      }),
    );
  });

  it('reads from the middle of a larger buffer', () => {
    const bytes = writeSafetensors({ a: { dtype: 'f64', shape: [2], data: Float64Array.of(1, 2) } });
    const padded = new Uint8Array(bytes.length + 3);
    padded.set(bytes, 3);
    expect([...(readSafetensors(padded.subarray(3)).tensors.get('a')?.data ?? [])]).toEqual([1, 2]);
  });

  it('reads half floats, brain floats and 64-bit integers', () => {
    const half = Uint16Array.of(
      0x0000,
      0x8000,
      0x3c00,
      0xc000,
      0x7bff,
      0x0001,
      0x03ff,
      0x0400,
      0x7c00,
      0xfc00,
      0x7e00,
      0x3555,
    );
    const brain = Uint16Array.of(0x3f80, 0xc000, 0x7f80, 0x0001);
    const long = BigInt64Array.of(5n, -(2n ** 31n), 2n ** 31n - 1n);
    const data = new Uint8Array([
      ...new Uint8Array(long.buffer),
      ...new Uint8Array(half.buffer),
      ...new Uint8Array(brain.buffer),
    ]);
    const { tensors } = readSafetensors(
      file(
        {
          long: { dtype: 'I64', shape: [3], data_offsets: [0, 24] },
          half: { dtype: 'F16', shape: [12], data_offsets: [24, 48] },
          brain: { dtype: 'BF16', shape: [2, 2], data_offsets: [48, 56] },
        },
        data,
      ),
    );
    expect(tensors.get('long')).toEqual({ dtype: 'i32', shape: [3], data: Int32Array.of(5, -(2 ** 31), 2 ** 31 - 1) });
    const tiny = 2 ** -24;
    const halves = [0, -0, 1, -2, 65504, tiny, 1023 * tiny, 1024 * tiny, Infinity, -Infinity, NaN, 1365 / 4096];
    expect(tensors.get('half')).toEqual({ dtype: 'f32', shape: [12], data: Float32Array.from(halves) });
    expect(tensors.get('brain')).toEqual({
      dtype: 'f32',
      shape: [2, 2],
      data: Float32Array.of(1, -2, Infinity, 2 ** -133),
    });
  });

  const one = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
  const refused: [string, Uint8Array, RegExp][] = [
    ['nothing', new Uint8Array(0), /0 bytes/],
    ['half a length', new Uint8Array(7), /7 bytes/],
    ['a header beyond the end', file({}).subarray(0, 9), /cut off/],
    ['a length without sense', new Uint8Array(64).fill(255), /most allowed/],
    ['text that is not JSON', file('{"a":'), /not JSON/],
    [
      'bytes that are not UTF-8',
      file('"\u0000"').map((byte, index) => (index === 9 ? 0xff : byte)),
      /not JSON in UTF-8/,
    ],
    ['a list for a header', file([]), /not a JSON object/],
    ['metadata that is not text', file({ __metadata__: { a: 1 } }), /__metadata__/],
    ['an entry without a shape', file({ a: { dtype: 'F32', data_offsets: [0, 0] } }), /"a" lacks/],
    ['a negative length', file({ a: { ...one, shape: [-1] } }), /"a" lacks/],
    ['three offsets', file({ a: { ...one, data_offsets: [0, 4, 8] } }), /"a" lacks/],
    ['an unknown type', file({ a: { ...one, dtype: 'F8_E4M3' } }, new Uint8Array(4)), /F8_E4M3.*cannot be read/],
    [
      'a type named like an object’s member',
      file({ a: { ...one, dtype: 'constructor' } }, new Uint8Array(4)),
      /cannot be read/,
    ],
    [
      'offsets that do not fit the shape',
      file({ a: { ...one, shape: [2] } }, new Uint8Array(4)),
      /needs 8 bytes, but its offsets 0 to 4 hold 4/,
    ],
    ['data cut off', file({ a: one }, new Uint8Array(3)), /ends at byte 4, but only 3/],
    ['data left over', file({ a: one }, new Uint8Array(5)), /1 bytes after tensor "a"/],
    [
      'overlapping tensors',
      file({ a: { ...one, shape: [2], data_offsets: [0, 8] }, b: { ...one, data_offsets: [4, 8] } }, new Uint8Array(8)),
      /"b" begins at byte 4, inside tensor "a"/,
    ],
    ['a gap', file({ a: one, b: { ...one, data_offsets: [8, 12] } }, new Uint8Array(12)), /bytes 4 to 8/],
    [
      'an integer too large',
      file(
        { a: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } },
        new Uint8Array(BigInt64Array.of(2n ** 31n).buffer),
      ),
      /"a" cannot be read.*2147483648/,
    ],
  ];
  it.each(refused)('refuses %s', (_what, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(SafetensorsError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  it('every cut of a file is refused', () => {
    const bytes = readFileSync(new URL('torch-lstm.safetensors', folder));
    for (let length = 0; length < bytes.length; length += 13)
      expect(() => readSafetensors(bytes.subarray(0, length))).toThrow(SafetensorsError);
  });

  it('does not write what could not be read', () => {
    expect(() => writeSafetensors({ a: { dtype: 'f32', shape: [2], data: new Float32Array(1) } })).toThrow(
      /needs 2 values, but has 1/,
    );
    expect(() => writeSafetensors({ __metadata__: { dtype: 'f32', shape: [0], data: new Float32Array(0) } })).toThrow(
      SafetensorsError,
    );
  });
});

describe('loadInto', () => {
  withFreshBackend();
  const store = (shape: number[], dtype: DType = 'f32'): StoredTensor => ({
    dtype,
    shape,
    data: toTypedArray(
      Array.from({ length: sizeOf(shape) }, (_, index) => index + 1),
      dtype,
    ),
  });
  const fileOf = (tensors: Record<string, StoredTensor>) => readSafetensors(writeSafetensors(tensors));

  it('gives a tree back as it was saved', async () => {
    const layer = lstm({ inputSize: 2, hiddenSize: 3, layers: 2 });
    const params = layer.init(key(1));
    const read = readSafetensors(writeSafetensors(await readTree({ rnn: params }), { format: 'pt' }));
    const other = layer.init(key(2));
    const loaded = loadInto(other, read, { prefix: 'rnn.' });
    for (const [path, leaf] of treeEntries(loaded))
      expect(leaf.readSync()).toEqual(params[path as 'weight_ih_l0']?.readSync());
    disposeTree([params, other, loaded]);
  });

  it('lists everything that does not fit, and loads nothing', () =>
    scope(() => {
      const params = { a: tensor([1]), b: tensor([1, 2]), c: tensor([1]), d: tensor([1]) };
      const before = params.a.backend.memory().buffers;
      const wrong = fileOf({ a: store([1]), b: store([1, 2]), c: store([1], 'i32'), e: store([1]) });
      const message = (() => {
        try {
          loadInto(params, wrong);
        } catch (error) {
          return (error as Error).message;
        }
        return '';
      })();
      expect(message).toContain('missing in the file: d;');
      expect(message).toContain('not among the parameters: e;');
      expect(message).toContain('b is f32[1, 2] in the file, f32[2] here');
      expect(message).toContain('c is i32[1] in the file, f32[1] here');
      expect(params.a.backend.memory().buffers).toBe(before);
    }));

  it('without strict keeps what is missing and skips what is unknown, but not a wrong shape', () =>
    scope(() => {
      const params = { a: tensor([7]), b: tensor([8, 9]) };
      const { a, b } = loadInto(params, fileOf({ b: store([2], 'f64'), e: store([1]) }), { strict: false });
      expect([...a.readSync(), ...b.readSync(), b.dtype]).toEqual([7, 1, 2, 'f32']);
      expect(() => loadInto(params, fileOf({ b: store([3]) }), { strict: false })).toThrow(/another shape/);
      params.a.dispose();
      expect(a.readSync()[0]).toBe(7);
    }));
});
