import { join } from 'node:path';
import { expect, test } from 'vitest';
import { typeCheck } from '../src/type-check.js';
import { writeExamples } from '../src/write-examples.js';

const fixtures = join(import.meta.dirname, 'fixtures');
const folder = join(import.meta.dirname, '../../../.examples/fixtures');

const examples = writeExamples(
  ['right.md', 'throws.md', 'mistyped.md'].map((name) => join(fixtures, name)),
  fixtures,
  folder,
);

test('each example has the name and line of its document', () => {
  expect(examples.map(({ title }) => title)).toEqual(['right.md:3', 'throws.md:3', 'mistyped.md:3']);
});

test('an example that holds runs', async () => {
  await import(examples[0]!.file);
});

test('an example that throws fails', async () => {
  await expect(import(examples[1]!.file)).rejects.toThrow('the example failed');
});

test('an example that is mistyped is the only complaint, at its line in the document', () => {
  expect(typeCheck(folder).trim()).toMatch(/^\S*mistyped_md_3\.ts\(5,7\): error TS2322: [^\n]*$/);
});
