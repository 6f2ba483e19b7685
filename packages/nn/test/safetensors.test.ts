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
    ['text that is not JSON', file('{"a":'), /not the JSON/],
    [
      'bytes that are not UTF-8',
      file('{"a"}').map((byte, index) => (index === 9 ? 0xff : byte)),
      /not the JSON, in UTF-8/,
    ],
    ['a list for a header', file([]), /does not begin with \{/],
    ['a byte-order mark before the header', file('\uFEFF{}'), /does not begin with \{/],
    ['spaces before the header', file(' {}'), /does not begin with \{/],
    [
      'a tensor twice',
      file(
        '{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"\\u0061":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        new Uint8Array(4),
      ),
      /the key "a" twice/,
    ],
    [
      'an entry’s key twice',
      file('{"a":{"dtype":"I32","dtype" :"F32","shape":[1],"data_offsets":[0,4]}}', new Uint8Array(4)),
      /the key "dtype" twice/,
    ],
    ['metadata twice', file('{"__metadata__":{},"__metadata__":{}}'), /the key "__metadata__" twice/],
    ['a header nested deeply', file(`{"a":${'['.repeat(1e6)}`), /nested more than 3 deep/],
    [
      'more axes than there can be',
      file({ a: { ...one, shape: Array.from({ length: 65 }, () => 1) } }, new Uint8Array(4)),
      /has 65 axes/,
    ],
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
    ['data left over', file({ a: one }, new Uint8Array(5)), /bytes 4 to 5, after tensor "a", belong to no tensor/],
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
    expect(() => readSafetensors(bytes, { verify: false })).toThrow(message);
  });

  it('every cut of a file is refused', () => {
    const bytes = readFileSync(new URL('torch-lstm.safetensors', folder));
    for (let length = 0; length < bytes.length; length += 13)
      expect(() => readSafetensors(bytes.subarray(0, length))).toThrow(SafetensorsError);
  });

  const written = writeSafetensors(
    {
      a: { dtype: 'f32', shape: [2, 2], data: Float32Array.of(1, -2, 3, 4) },
      b: { dtype: 'i32', shape: [3], data: Int32Array.of(5, 6, 7) },
    },
    { config: '{"hidden":3}' },
  );
  const read = readSafetensors(written);

  it('every flipped bit of a file is refused, or changes nothing', () => {
    let refusals = 0;
    for (let bit = 0; bit < 8 * written.length; bit++) {
      const damaged = written.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      try {
        const { tensors, metadata } = readSafetensors(damaged);
        // Where the digest's own name is hit, the file has none, and this is more metadata; or a space became a tab.
        const { config, ...digest } = metadata;
        expect({ tensors, config }, `bit ${bit}`).toEqual({ tensors: read.tensors, config: read.metadata['config'] });
        expect(
          Object.values(digest).every((value) => /^[0-9a-f]{64}$/.test(value)),
          `bit ${bit}`,
        ).toBe(true);
      } catch (error) {
        if (!(error instanceof SafetensorsError)) throw error;
        refusals++;
      }
    }
    expect(refusals / (8 * written.length)).toBeGreaterThan(0.8);
    const flipped = written.with(written.length - 1, (written.at(-1) as number) ^ 1);
    expect(() => readSafetensors(flipped)).toThrow(/SHA-256.*Take another copy, or .*\{ verify: false \}/);
    const asItIs = readSafetensors(flipped, { verify: false });
    expect(asItIs.metadata).toEqual(read.metadata);
    expect([...(asItIs.tensors.get('b')?.data ?? [])]).toEqual([5, 6, 7 + 2 ** 24]);
  });

  it('the digest does not depend on how a file is laid out, and files without one are read', () => {
    const length = Number(new DataView(written.buffer).getBigUint64(0, true));
    const { __metadata__: held, ...header } = JSON.parse(new TextDecoder().decode(written.subarray(8, 8 + length))) as {
      __metadata__: Record<string, string>;
      a: { data_offsets: number[] };
      b: { data_offsets: number[] };
    };
    const data = written.subarray(8 + length);
    const moved = file(
      {
        b: { ...header.b, data_offsets: [0, 12] },
        a: { ...header.a, data_offsets: [12, 28] },
        __metadata__: held,
      },
      Uint8Array.of(...data.subarray(16), ...data.subarray(0, 16)),
    );
    expect(readSafetensors(moved)).toEqual(read);
    const { 'tempograd.sha256': digest, ...bare } = held;
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(readSafetensors(file({ ...header, __metadata__: bare }, data))).toEqual(read);
    const others: [unknown, Uint8Array][] = [
      [{ ...header, __metadata__: { ...held, config: '{}' } }, data],
      [{ ...header, __metadata__: held, a: { ...header.a, dtype: 'I32' } }, data],
      [{ ...header, __metadata__: held, a: { ...header.a, shape: [4] } }, data],
      [{ __metadata__: held, c: header.a, b: header.b }, data],
      [{ ...header, __metadata__: { ...bare, 'tempograd.sha256': 'none' } }, data],
    ];
    for (const [changed, bytes] of others) expect(() => readSafetensors(file(changed, bytes))).toThrow(/SHA-256/);
  });

  it('does not write what could not be read', () => {
    expect(() => writeSafetensors({}, { a: 1 } as never)).toThrow(/metadata "a" is a number/);
    expect(() => writeSafetensors({}, { 'tempograd.sha256': '' })).toThrow(/cannot be named "tempograd.sha256"/);
    expect(() => writeSafetensors({ a: { dtype: 'f16' as never, shape: [0], data: new Float32Array(0) } })).toThrow(
      /"a" has dtype f16; f64, f32, i32 can be written/,
    );
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

  it('gives parameters the values that were saved, in place', async () => {
    const layer = lstm({ inputSize: 2, hiddenSize: 3, layers: 2 });
    const params = layer.init(key(1));
    const read = readSafetensors(writeSafetensors(await readTree({ rnn: params }), { format: 'pt' }));
    const other = layer.init(key(2));
    expect(loadInto(other, read, { prefix: 'rnn.' })).toBe(other);
    for (const [path, leaf] of treeEntries(other))
      expect(leaf.readSync()).toEqual(params[path as 'weight_ih_l0']?.readSync());
    disposeTree([params, other]);
  });

  it('lists everything that does not fit, and loads nothing', () =>
    scope(() => {
      const params = { a: tensor([1]), b: tensor([1, 2]), c: tensor([1]), d: tensor([1]) };
      const before = params.a.backend.memory().buffers;
      const other = { ...store([1]), data: Float32Array.of(9) };
      const wrong = fileOf({ a: other, b: store([1, 2]), c: store([1], 'i32'), e: store([1]) });
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
      expect([...params.a.readSync(), ...params.b.readSync()]).toEqual([1, 1, 2]);
    }));

  it('without strict keeps what is missing and skips what is unknown, but not a wrong shape', () =>
    scope(() => {
      const params = { a: tensor([7]), b: tensor([8, 9]) };
      const { a, b } = loadInto(params, fileOf({ b: store([2], 'f64'), e: store([1]) }), { strict: false });
      expect([...a.readSync(), ...b.readSync(), b.dtype]).toEqual([7, 1, 2, 'f32']);
      expect(() => loadInto(params, fileOf({ b: store([3]) }), { strict: false })).toThrow(/another shape/);
      expect([a, b]).toEqual([params.a, params.b]);
    }));
});

it.each([
  [
    '<!DOCTYPE html><html><head></head><body>Not here</body></html>',
    /begins like a web page; does the address exist\?/,
  ],
  ['Call me Ishmael. Some years ago, never mind how long precisely', /begins like a text/],
  [
    'PK\u0003\u0004 and more of an archive, as long as it takes',
    /begins like an archive; PyTorch's own files are such/,
  ],
  ['\b\b and more of a graph, as long as it takes to tell', /begins like an ONNX file; importModel/],
])('what is no safetensors file is told by what it begins like: %j', (content, message) => {
  expect(() => readSafetensors(new TextEncoder().encode(content))).toThrow(message);
});
