import { expect, test } from 'vitest';
import { extractExamples } from '../src/extract-examples.js';

const fence = '```';

test('each ts block is an example, on the lines it has in the document', () => {
  const markdown = [
    '# Title',
    `${fence}ts`,
    'first();',
    fence,
    `${fence}sh`,
    'ls',
    fence,
    `${fence}ts`,
    'second();',
    fence,
  ];
  expect(extractExamples('a.md', markdown.join('\n'))).toEqual([
    { line: 2, run: true, code: '\n\nfirst();\n' },
    { line: 8, run: true, code: '\n\n\n\n\n\n\n\nsecond();\n' },
  ]);
});

test('a block marked continue belongs to the one before it', () => {
  const markdown = [
    `${fence}ts`,
    'const a = 1;',
    fence,
    'then',
    `${fence}ts continue`,
    'use(a);',
    fence,
    `${fence}ts`,
    'b',
    fence,
  ];
  const examples = extractExamples('a.md', markdown.join('\n'));
  expect(examples).toHaveLength(2);
  expect(examples[0]?.code.split('\n')).toEqual(['', 'const a = 1;', '', '', '', 'use(a);', '']);
});

test('a block marked no-run is not run, and must say why', () => {
  const block = [`${fence}ts no-run`, 'navigator.gpu', fence].join('\n');
  expect(extractExamples('a.md', `<!-- no-run: it needs a browser -->\n\n${block}`)[0]?.run).toBe(false);
  expect(() => extractExamples('a.md', `Some text.\n\n${block}`)).toThrow('a.md:3: say before the block why');
  expect(() => extractExamples('a.md', `<!-- no-run: -->\n${block}`)).toThrow('a.md:2: say before the block why');
});

test('blocks in a longer fence are text', () => {
  expect(extractExamples('a.md', ['````md', `${fence}ts`, 'no', fence, '````'].join('\n'))).toEqual([]);
});

test.each([
  ['ts skip', '"ts skip" is not understood'],
  ['ts continue', 'no block before this one'],
  ['js', '"js" blocks are not tested'],
  ['typescript', '"typescript" blocks are not tested'],
])('a block that opens with %s is refused', (info, message) => {
  expect(() => extractExamples('a.md', `${fence}${info}\na();\n${fence}`)).toThrow(message);
});

test('a block that is never closed is refused', () => {
  expect(() => extractExamples('a.md', `${fence}ts\na();`)).toThrow('a.md:1: the code block is never closed');
});
