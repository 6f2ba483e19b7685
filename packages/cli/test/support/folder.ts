import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** A text that a small model learns something of in a second. */
export const rhyme: string = 'The whale — “Œuvre” of the sea 🐋 — swam round and round and round.\n\n'.repeat(60);

/** A folder for the tests of a file, with the rhyme in it as `rhyme.txt`. */
export function testFolder(): { readonly path: string; put(name: string, content: string | Uint8Array): string } {
  let path = '';
  const put = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(path, name), content);
    return name;
  };
  beforeAll(() => {
    path = mkdtempSync(join(tmpdir(), 'tempograd cli '));
    put('rhyme.txt', rhyme);
  });
  afterAll(() => rmSync(path, { recursive: true }));
  return {
    get path() {
      return path;
    },
    put,
  };
}

/** Options of a training that takes a second. */
export const quick: readonly string[] = [
  'train',
  '--text',
  'rhyme.txt',
  '--backend',
  'js',
  '--hidden',
  '12',
  '--steps',
  '8',
];
