import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { typeCheck } from '../src/type-check.js';
import { writeExamples } from '../src/write-examples.js';

const root = join(import.meta.dirname, '../../..');
const guides = join(root, 'docs/guides');
const packages = join(root, 'packages');
// Inside this package, so that examples find what it depends on.
const folder = join(import.meta.dirname, '../.examples/docs');

const documents = [
  join(root, 'README.md'),
  ...(existsSync(guides) ? readdirSync(guides).map((name) => join(guides, name)) : []),
  ...readdirSync(packages).map((name) => join(packages, name, 'README.md')),
].filter((file) => file.endsWith('.md') && existsSync(file));

const examples = writeExamples(documents, root, folder);

// An example may write files: it gets an empty folder to do so.
const home = process.cwd();
let scratch: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'example '));
  process.chdir(scratch);
});

afterAll(() => {
  process.chdir(home);
  rmSync(scratch, { recursive: true });
});

test('the examples in README.md and the guides type-check', () => {
  expect(typeCheck(folder)).toBe('');
});

test('the index of the documentation leads to every guide', () => {
  const index = readFileSync(join(root, 'docs/README.md'), 'utf8');
  const names = readdirSync(guides).filter((name) => name.endsWith('.md'));
  expect(names.filter((name) => !index.includes(`(guides/${name})`))).toEqual([]);
});

test.each(examples.filter(({ run }) => run))('the example at $title runs', async ({ file }) => {
  await import(file);
});
