import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { disposeTree } from '@tempograd/core';
import { afterAll, describe, expect, test } from 'vitest';
import {
  characterVocabularyFrom,
  contiguousStreams,
  SafetensorsError,
  writeSafetensors,
  type SafetensorsFile,
} from '../../src/index.js';
import {
  fileCheckpointStore,
  readSafetensorsFile,
  textFile,
  writeSafetensorsFile,
  writeWhole,
} from '../../src/node/index.js';
import { withFreshBackend } from '../support/close.js';

withFreshBackend();

const folder = mkdtempSync(join(tmpdir(), 'files '));
afterAll(() => rmSync(folder, { recursive: true }));

test('a text file is read anew each time it is iterated over', async () => {
  const path = join(folder, 'text.txt');
  const text = 'naïve façade '.repeat(20_000);
  writeFileSync(path, text);
  for (const file of [textFile(path), textFile(pathToFileURL(path))]) {
    const vocabulary = await characterVocabularyFrom(file);
    const data = contiguousStreams(file, { vocabulary, batch: 1, steps: 10_000 });
    for (const epoch of [0, 1]) {
      const inputs: number[] = [];
      for await (const { stretch } of data.open({ epoch, index: 0 })) {
        inputs.push(...stretch.inputs.readSync());
        disposeTree(stretch);
      }
      expect(vocabulary.decode(inputs) === text.slice(0, -1)).toBe(true);
    }
  }
  await expect(textFile(join(folder, 'none'))[Symbol.asyncIterator]().next()).rejects.toThrow(/ENOENT/);
});

describe('a safetensors file', () => {
  const file: SafetensorsFile = {
    tensors: new Map([['w', { dtype: 'f32', shape: [2], data: Float32Array.of(1, 2) }]]),
    metadata: { config: '{}' },
  };

  test('comes back as it was written, in folders made for it, and is replaced', async () => {
    const path = join(folder, 'new', 'deeper', 'model.safetensors');
    await writeSafetensorsFile(path, { tensors: new Map(), metadata: {} });
    await writeSafetensorsFile(path, file);
    expect(await readSafetensorsFile(path)).toEqual(file);
    expect(readdirSync(join(folder, 'new', 'deeper'))).toEqual(['model.safetensors']);
  });

  test.each([
    ['a device without end', '/dev/zero', /\/dev\/zero: This is no regular file/],
    ['a directory', folder, /This is no regular file/],
    ['a pipe', 'pipe', /pipe: This is no regular file/],
    ['a file of a terabyte', 'long', /long: .*its header does not begin with \{/],
    ['a file of a terabyte with a header', 'headed', /bytes \d+ to \d+, after tensor "w", belong to no tensor/],
  ])('%s is not read to its end', async (_name, name, message) => {
    const path = resolve(folder, name);
    if (name === 'pipe') execFileSync('mkfifo', [path]);
    if (name === 'headed') writeFileSync(path, writeSafetensors(file.tensors));
    if (name === 'long') writeFileSync(path, '');
    if (name === 'headed' || name === 'long') truncateSync(path, 2 ** 40);
    await expect(readSafetensorsFile(path)).rejects.toThrow(message);
    await expect(fileCheckpointStore(path).load()).rejects.toThrow(SafetensorsError);
  });

  test('that is damaged is named', async () => {
    const path = join(folder, 'damaged.safetensors');
    writeFileSync(path, 'no tensors');
    await expect(readSafetensorsFile(path)).rejects.toThrow(SafetensorsError);
    await expect(fileCheckpointStore(path).load()).rejects.toThrow(/damaged\.safetensors: This is not a whole/);
  });

  test('with a value that was damaged is refused, unless it shall not be verified', async () => {
    const path = join(folder, 'flipped.safetensors');
    await writeSafetensorsFile(path, file);
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.with(bytes.length - 1, 0));
    await expect(readSafetensorsFile(path)).rejects.toThrow(/flipped\.safetensors: .*SHA-256/);
    await expect(fileCheckpointStore(path).load()).rejects.toThrow(SafetensorsError);
    const read = await readSafetensorsFile(path, { verify: false });
    expect([...(read.tensors.get('w')?.data ?? [])]).toEqual([1, 0]);
    expect(await fileCheckpointStore(path, { verify: false }).load()).toEqual(read);
  });
});

describe('a file written whole', () => {
  const unfinishedIn = (path: string): string[] => readdirSync(path).filter((name) => name.endsWith('.unfinished'));

  test('is left as it was by a write that fails, without remains', async () => {
    const target = join(folder, 'target');
    mkdirSync(join(target, 'occupied'), { recursive: true });
    await expect(writeWhole(target, Uint8Array.of(1))).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST|EPERM/);
    expect(unfinishedIn(folder)).toEqual([]);
    await writeWhole(join(folder, 'plain'), Uint8Array.of(1, 2));
    expect([...readFileSync(join(folder, 'plain'))]).toEqual([1, 2]);
  });

  test('is of one writer alone, when several of one process write it at once', async () => {
    const path = join(folder, 'contended');
    for (let round = 0; round < 20; round++) {
      const writes = [1, 2, 3].map((value) => writeWhole(path, new Uint8Array(1e5 * value).fill(value)));
      await Promise.all(writes);
      const bytes = readFileSync(path);
      expect(bytes.length).toBe(1e5 * (bytes[0] as number));
      expect(bytes.equals(Buffer.alloc(bytes.length, bytes[0]))).toBe(true);
    }
    expect(unfinishedIn(folder)).toEqual([]);
  });

  test('may have as long a name as there can be', async () => {
    const path = join(folder, 'n'.repeat(255));
    await writeWhole(path, Uint8Array.of(3));
    expect([...readFileSync(path)]).toEqual([3]);
  });

  test('takes away what writers of long ago left whose life cannot be known, and nothing else', async () => {
    const place = join(folder, 'swept');
    mkdirSync(place);
    const put = (name: string, hoursAgo: number): void => {
      const time = Date.now() / 1000 - 3600 * hoursAgo;
      writeFileSync(join(place, name), '');
      utimesSync(join(place, name), time, time);
    };
    const elsewhere = 'run.00000000-1-0123456789abcdef.unfinished';
    put(elsewhere.replace('run', 'old'), 30);
    put(elsewhere, 20);
    put('mine.unfinished', 1000);
    await writeWhole(join(place, 'new'), Uint8Array.of(1));
    expect(readdirSync(place)).toEqual(['mine.unfinished', 'new', elsewhere]);
  });
});
