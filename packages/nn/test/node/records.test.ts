import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { key } from '@tempograd/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DataError, sequences } from '../../src/index.js';
import { csvRecords, jsonLines, readCsvFile } from '../../src/node/index.js';
import { readStretches } from '../data/readStretches.js';
import { withFreshBackend } from '../support/close.js';

withFreshBackend();

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'records '));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function all<X>(items: AsyncIterable<X>): Promise<X[]> {
  const found: X[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('lines of files', () => {
  test('of JSON, from the beginning each time', async () => {
    const lines = jsonLines(await fileOf('a.jsonl', '\uFEFF{"x":1}\n\n[2]\r\n"é"'));
    expect(await all(lines)).toEqual([{ x: 1 }, [2], 'é']);
    expect(await all(lines)).toHaveLength(3);
  });

  test('of comma-separated values, from the beginning each time', async () => {
    const lines = csvRecords(
      await fileOf('a.csv', '\uFEFFtext,stars\n"so, so",3\n\nfine,5'),
      ({ text, stars }, index) => ({
        text,
        stars: Number(stars),
        index,
      }),
    );
    const wanted = [
      { text: 'so, so', stars: 3, index: 0 },
      { text: 'fine', stars: 5, index: 1 },
    ];
    expect(await all(lines)).toEqual(wanted);
    expect(await all(lines)).toEqual(wanted);
    const named = csvRecords(await fileOf('b.csv', '1;2\n'), (record) => record, { delimiter: ';', names: ['a', 'b'] });
    expect(await all(named)).toEqual([{ a: '1', b: '2' }]);
  });

  test('are a source of sequences, that can be gone on with', async () => {
    const lines = Array.from({ length: 40 }, (_, at) =>
      JSON.stringify({ ids: Array.from({ length: 1 + ((at * 7) % 5) }, () => at), label: at % 3 }),
    );
    const path = await fileOf('sequences.jsonl', lines.join('\n'));
    const items = jsonLines(path, ({ ids, label }: { ids: number[]; label: number }) => ({
      inputs: ids,
      targets: label,
    }));
    const source = sequences(items, { batch: 4, shuffle: key(1), bucket: true, buffer: 12, steps: 2 });
    const whole = await readStretches(source, { epoch: 1, index: 0 });
    expect(await readStretches(source, { epoch: 1, index: 5 })).toEqual(whole.slice(5));
    const ids = whole.flatMap(({ inputs, lossMask }) =>
      (lossMask as number[][]).flatMap((step, at) =>
        step.flatMap((counts, row) => (counts === 1 ? [Number(inputs['']?.[at]?.[row])] : [])),
      ),
    );
    expect(ids.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, at) => at));
  });

  test('of a table that is held', async () => {
    const table = await readCsvFile(await fileOf('table.csv', 'a,b\n1,2\n'));
    expect(table.columns(['b'])).toEqual({ b: Float64Array.of(2) });
  });

  test('a loop that is left closes the file, and memory does not grow with it', async () => {
    const path = join(folder, 'large.csv');
    const stream = createWriteStream(path);
    stream.write('text,label\n');
    for (let at = 0; at < 40_000; at++) stream.write(`${'word '.repeat(20)}${at},1\n`);
    await new Promise((done) => stream.end(done));
    let read = 0;
    for await (const { label } of csvRecords(path)) {
      expect(label).toBe('1');
      if (++read === 3) break;
    }
    let made = 0;
    const counting = csvRecords(path, ({ label }) => {
      made++;
      return { inputs: [1, 2], targets: Number(label) };
    });
    let given = 0;
    for await (const { stretch } of sequences(counting, { batch: 8 }).open({ epoch: 0, index: 0 })) {
      given += stretch.targets.shape[1] as number;
      for (const tensor of [stretch.inputs, stretch.targets, stretch.lossMask]) tensor?.dispose();
      expect(made - given).toBeLessThanOrEqual(1);
      if (given > 4000) break;
    }
  });
});

describe('lines of files are refused', () => {
  test('by their number where they cannot be read', async () => {
    const json = await fileOf('bad.jsonl', '{}\n\n{"x":\n');
    await expect(all(jsonLines(json))).rejects.toThrow(/line 3 of .*bad.jsonl is no JSON/);
    await expect(all(jsonLines(json))).rejects.toThrow(DataError);
    const csv = await fileOf('bad.csv', 'a,b\n1,2\n1,2,3\n');
    await expect(all(csvRecords(csv))).rejects.toThrow(/csvRecords: line 3 has 3 values, but there are 2 columns/);
    const quote = await fileOf('quote.csv', 'a,b\n1,"2\n');
    await expect(all(csvRecords(quote))).rejects.toThrow(DataError);
  });

  test('where there is no such file', async () => {
    for (const lines of [jsonLines(join(folder, 'none')), csvRecords(join(folder, 'none'))])
      await expect(all<unknown>(lines)).rejects.toThrow(/ENOENT/);
    await expect(readCsvFile(join(folder, 'none'))).rejects.toThrow(/ENOENT/);
  });
});
