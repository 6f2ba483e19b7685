import { disposeTree } from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import {
  byteVocabulary,
  characterVocabulary,
  contiguousStreams,
  DataError,
  type DataPosition,
  type DataSource,
  type RandomAccessItems,
  sliceItems,
  type StreamOptions,
  type StreamStretch,
  type TextPiece,
} from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';

withFreshBackend();

interface Read {
  readonly inputs: number[][];
  readonly targets: number[][];
  readonly ends: boolean;
}

/** All stretches from a position on, as rows `[batch][time]`. */
async function readAll(data: DataSource<StreamStretch>, index = 0): Promise<Read[]> {
  const read: Read[] = [];
  const position: DataPosition = { epoch: 0, index };
  for await (const { stretch, ends } of data.open(position)) {
    const rows = ({ shape: [time = 0, batch = 0], values }: { shape: readonly number[]; values: ArrayLike<number> }) =>
      Array.from({ length: batch }, (_, row) =>
        Array.from({ length: time }, (__, step) => values[step * batch + row] as number),
      );
    const { inputs, targets } = stretch;
    read.push({
      inputs: rows({ shape: inputs.shape, values: inputs.readSync() }),
      targets: rows({ shape: targets.shape, values: targets.readSync() }),
      ends,
    });
    disposeTree(stretch);
  }
  return read;
}

/** What each row reads from one sequence's start to its end. */
function sequences(read: readonly Read[], field: 'inputs' | 'targets'): number[][][] {
  const done: number[][][] = [];
  let open: number[][] | null = null;
  for (const { [field]: rows, ends } of read) {
    open = open === null ? rows : open.map((row, index) => [...row, ...(rows[index] as number[])]);
    if (ends) {
      done.push(open);
      open = null;
    }
  }
  return open === null ? done : [...done, open];
}

const count = (length: number, from = 0): number[] => Array.from({ length }, (_, index) => from + index);

async function* inPieces(items: readonly number[], size: number): AsyncGenerator<TextPiece> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

describe('a text of known length', () => {
  test('each row reads its own part, one stretch carrying on where the last stopped', async () => {
    const data = contiguousStreams(count(24), { batch: 2, steps: 4 });
    const read = await readAll(data);
    expect(data.stretches).toBe(3);
    expect(read.map(({ ends }) => ends)).toEqual([false, false, true]);
    expect(read[0]).toMatchObject({ inputs: [count(4), count(4, 11)], targets: [count(4, 1), count(4, 12)] });
    expect(sequences(read, 'inputs')).toEqual([[count(11), count(11, 11)]]);
    expect(sequences(read, 'targets')).toEqual([[count(11, 1), count(11, 12)]]);
  });

  test('a stretch longer than the text is as long as the text', async () => {
    expect(await readAll(contiguousStreams(count(5), { batch: 1, steps: 100 }))).toEqual([
      { inputs: [count(4)], targets: [count(4, 1)], ends: true },
    ]);
  });

  test('a string is encoded; without vocabulary it is refused', async () => {
    const vocabulary = characterVocabulary('abc');
    const read = await readAll(contiguousStreams('abcab', { vocabulary, batch: 1, steps: 4 }));
    expect(read[0]?.inputs).toEqual([[0, 1, 2, 0]]);
    const ofBytes = contiguousStreams(new TextEncoder().encode('abcab'), { vocabulary, batch: 1, steps: 4 });
    expect((await readAll(ofBytes))[0]?.inputs).toEqual([[0, 1, 2, 0]]);
    expect(() => contiguousStreams('abc', { batch: 1, steps: 4 })).toThrow(/needs a vocabulary/);
  });

  test('too short a text, and senseless options, are refused', () => {
    const vocabulary = byteVocabulary();
    expect(() => contiguousStreams('', { vocabulary, batch: 1, steps: 4 })).toThrow(DataError);
    expect(() => contiguousStreams('ab', { vocabulary, batch: 2, steps: 4 })).toThrow(
      /has 2 items, but 2 rows need at least 3/,
    );
    expect(() => contiguousStreams('ab', { vocabulary, batch: 0, steps: 4 })).toThrow(/batch must be/);
  });

  test.each([
    [[0, 1.5, 2], 'Item 1 of the text is 1.5, but items are whole numbers'],
    [[0, 1, NaN], 'Item 2 of the text is NaN'],
    [[2 ** 32, 1, 2], 'Item 0 of the text is 4294967296'],
    [['a', 'b', 'c'], 'Item 0 of the text is the text "a"'],
    [[0, undefined, 2], 'Item 1 of the text is undefined'],
  ])('what is no whole number is refused: %j', async (items, message) => {
    const options = { batch: 1, steps: 2 };
    expect(() => contiguousStreams(items as number[], options)).toThrow(message);
    const pieces = (async function* () {
      yield await Promise.resolve(items as number[]);
    })();
    await expect(readAll(contiguousStreams(pieces, options))).rejects.toThrow(message);
  });
});

describe('numbers with random access', () => {
  const items = count(40_000);
  const source: RandomAccessItems = {
    length: items.length,
    read: (from, to) => Promise.resolve(Int32Array.from(items.slice(from, to))),
  };

  test('give what the same numbers in memory give, from any position on', async () => {
    for (const options of [
      { batch: 1, steps: 5000 },
      { batch: 2, steps: 9000 },
      { batch: 3, steps: 1300 },
      { batch: 16, steps: 40_000 },
    ]) {
      const whole = await readAll(contiguousStreams(items, options));
      const data = contiguousStreams(source, options);
      expect(data.stretches).toBe(whole.length);
      for (let index = 0; index <= whole.length; index++)
        expect(await readAll(data, index)).toEqual(whole.slice(index));
    }
  });

  test('are read a little ahead of each row, once', async () => {
    const reads: [from: number, to: number][] = [];
    const noted: RandomAccessItems = {
      length: 400_000,
      read(from, to) {
        reads.push([from, to]);
        return Promise.resolve(new Int32Array(to - from));
      },
    };
    await readAll(contiguousStreams(noted, { batch: 4, steps: 32 }));
    expect(Math.max(...reads.map(([from, to]) => to - from))).toBeLessThan(17_000);
    expect(reads.reduce((sum, [from, to]) => sum + to - from, 0)).toBeLessThan(1.01 * 400_000);
  });

  test('can be cut into parts', async () => {
    const part = sliceItems(source, 100, 130);
    expect(part.length).toBe(30);
    expect([...(await part.read(28, 30))]).toEqual([128, 129]);
    expect(sliceItems(part, 20, 99).length).toBe(10);
    expect([...(await sliceItems(part, 20).read(0, 1))]).toEqual([120]);
    expect(sliceItems(part, 40).length).toBe(0);
  });

  test('that are too few are refused, and so is what reads something else', async () => {
    expect(() => contiguousStreams(sliceItems(source, 0, 3), { batch: 3, steps: 1 })).toThrow(/has 3 items/);
    const short: RandomAccessItems = { length: 50, read: (from, to) => source.read(from, to - 1) };
    await expect(readAll(contiguousStreams(short, { batch: 2, steps: 10 }))).rejects.toThrow(
      /read\(0, 25\) of the source must give an Int32Array of 25 items, but gave one of 24/,
    );
  });
});

describe('a text of unknown length', () => {
  const open = (length: number, options: StreamOptions, size = 7): DataSource<StreamStretch> =>
    contiguousStreams(() => inPieces(count(length), size), options);

  test('one row is one sequence, whatever the pieces', async () => {
    for (const size of [1, 3, 7, 100]) {
      const read = await readAll(open(23, { batch: 1, steps: 5 }, size));
      expect(read.map(({ inputs }) => inputs[0]?.length)).toEqual([5, 5, 5, 5, 2]);
      expect(sequences(read, 'inputs')).toEqual([[count(22)]]);
      expect(sequences(read, 'targets')).toEqual([[count(22, 1)]]);
    }
  });

  test('several rows read blocks in turn, each block a sequence, the remainder shared out', async () => {
    const read = await readAll(open(60, { batch: 2, steps: 4, block: 12 }));
    expect(sequences(read, 'inputs')).toEqual([
      [count(12), count(12, 12)],
      [count(12, 24), count(12, 36)],
      [count(5, 48), count(5, 53)],
    ]);
    expect(sequences(read, 'targets')[1]).toEqual([count(12, 25), count(12, 37)]);
    expect(read.map(({ ends }) => ends)).toEqual([false, false, true, false, false, true, false, true]);
  });

  test('going on at a position gives what would have come', async () => {
    for (const options of [
      { batch: 1, steps: 4 },
      { batch: 2, steps: 4, block: 12 },
      { batch: 3, steps: 5, block: 7 },
    ]) {
      const whole = await readAll(open(90, options));
      expect(whole.length).toBeGreaterThan(4);
      for (let index = 0; index <= whole.length; index++) {
        expect(await readAll(open(90, options), index)).toEqual(whole.slice(index));
      }
    }
  });

  test('too short a text is refused, an empty one gives nothing', async () => {
    await expect(readAll(open(3, { batch: 4, steps: 2 }))).rejects.toThrow(/has 3 items, but 4 rows/);
    expect(await readAll(open(0, { batch: 4, steps: 2 }))).toEqual([]);
  });

  test('bytes are decoded by the vocabulary, cut anywhere', async () => {
    const text = 'größer, größer';
    const vocabulary = characterVocabulary(text);
    const bytes = new TextEncoder().encode(text);
    async function* byByte(): AsyncGenerator<Uint8Array> {
      for (const byte of bytes) yield Uint8Array.of(byte);
    }
    const [read] = await readAll(contiguousStreams(() => byByte(), { vocabulary, batch: 1, steps: 100 }));
    expect(vocabulary.decode(read?.inputs[0] as number[])).toBe(text.slice(0, -1));
  });
});
