import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { recurrentWord } from '../../src/engine/recurrentWords.js';

const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

test('the words that are filled in are those that the kernels read', async () => {
  const script = (await import(new URL('../../scripts/recurrentWords.js', import.meta.url).href)) as {
    recurrentWords: (block: string) => string;
  };
  const written = await read('src/engine/recurrentWords.ts');
  expect(written).toBe(script.recurrentWords(await read('assembly/recurrent/block.ts')));
});

test("the kernels' README numbers them alike", async () => {
  const section = (await read('assembly/README.md')).split('\n## ').find((part) => part.startsWith('recurrent\n'));
  const rows = [...section!.matchAll(/^\| (\d[\d, ]*?) \| (.*?) \|/gm)];
  const told = rows.flatMap(([, numbers, names]) => {
    const [first, ...more] = numbers!.split(/[^\d]+/).map(Number);
    return names!.split(', ').map((name, at): [string, number] => [name, [first!, ...more][at]!]);
  });
  expect(Object.fromEntries(told)).toEqual(recurrentWord);
});
