import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromiumArguments } from '@tempograd/vitest-config/chromium';
import { chromium } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { buildReference, type Built } from '../src/build-reference.js';
import { documents, entryPoints } from '../src/entry-points.js';
import { unmentioned } from '../src/public-options.js';

declare module 'vitest' {
  interface ProvidedContext {
    chromium: string;
  }
}

const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'reference '));

afterAll(() => rmSync(folder, { recursive: true }));

describe('a small workspace', () => {
  const out = join(folder, 'small');
  let built: Built;

  beforeAll(async () => {
    built = await buildReference(join(import.meta.dirname, 'fixtures/small'), out);
  });

  test('what is not explained is told: exports, methods, options', () => {
    expect(built.exports.size).toBe(6);
    expect(built.undocumented.sort()).toEqual([
      '@tempograd/one: AddOptions.method',
      '@tempograd/one: AddOptions.silent',
      '@tempograd/one: unexplained',
    ]);
  });

  test('links that lead nowhere are told, in docstrings and in documents', () => {
    expect(built.warnings).toHaveLength(2);
    expect(built.warnings.join('\n')).toContain('nobody');
    expect(built.warnings.join('\n')).toContain('docs/guides/none.md');
  });

  test('options are found in interfaces, in what is written out, and inside others', () => {
    const found = built.options.map(({ of, name, functions }) => `${of}.${name} ${[...functions].join()}`);
    expect(found.sort()).toEqual([
      'AddOptions.silent add',
      'AddOptions.told add',
      'save.every save',
      'save.store save',
      'save.store.path save',
    ]);
  });

  test('an option is spoken of where its function is named too, in one section', () => {
    const options = built.options.filter(({ of }) => of === 'AddOptions');
    const told = (...texts: string[]): string[] => unmentioned(options, texts);
    expect(told('# A\n\n`add` takes `silent` and `told`.')).toEqual([]);
    expect(told('# A\n\n`add`\n\n## B\n\n`silent`\n\n```ts\nf({ told: 1 });\n```')).toEqual([]);
    expect(told('# A\n\n## B\n\n`add`, `silent`\n\n## C\n\n`told`')).toEqual(['AddOptions.told (add)']);
    expect(told('`add` takes silent.', '`told`')).toHaveLength(2);
  });

  test('names in backticks lead to what they name, and documents to one another', () => {
    const page = readFileSync(join(out, 'types/_tempograd_one.Explained.html'), 'utf8');
    expect(page).toMatch(/<a href="[^"]*_tempograd_one\.unexplained\.html"[^>]*><code>unexplained<\/code>/);
    expect(page).toMatch(/<a href="[^"]*_tempograd_one\.add\.html"[^>]*><code>add\(1, 2\)<\/code>/);
    const front = readFileSync(join(out, 'index.html'), 'utf8');
    expect(front).toMatch(/<a href="documents\/The_first_guide\.html"[^>]*>the guide/);
    expect(front.match(/<h1>/g)).toHaveLength(1);
    expect(readFileSync(join(out, 'documents/The_first_guide.html'), 'utf8')).toContain('_tempograd_one.Sum.html');
  });
});

describe('the workspace', () => {
  const out = join(folder, 'reference');
  let built: Built;

  beforeAll(async () => {
    built = await buildReference(root, out);
  });

  test('every entry of every package and every document is there', () => {
    expect(entryPoints(root).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['@tempograd/core', '@tempograd/core/backend', '@tempograd/nn', '@tempograd/nn/node']),
    );
    for (const { file } of entryPoints(root)) expect(existsSync(file), file).toBe(true);
    expect(documents(root)).toContain(join(root, 'docs/guides/truncation.md'));
    expect(built.exports.size).toBeGreaterThan(500);
  });

  test('everything is explained, and every link leads on', () => {
    expect(built.undocumented).toEqual([]);
    expect(built.warnings).toEqual([]);
  });

  test('every option of every package is spoken of in a document', () => {
    expect(built.options.length).toBeGreaterThan(300);
    const texts = documents(root).filter((file) => /README\.md$|\/guides\//.test(file));
    expect(
      unmentioned(
        built.options,
        texts.map((file) => readFileSync(file, 'utf8')),
      ),
    ).toEqual([]);
  });

  test('what the phrase book says things are called here, they are called', () => {
    const rows = readFileSync(join(root, 'docs/guides/phrase-book.md'), 'utf8').matchAll(/^\|.*\|([^|]+)\|$/gm);
    const code = [...rows].flatMap(([, here = '']) => here.match(/`[^`]+`/g) ?? []).join('\n');
    // Functions, and options: what stands before a bracket or a colon.
    const called = [...code.matchAll(/(?<![.'])\b([A-Za-z]\w*)(?=\(|: )/g)].map(([, name = '']) => name);
    const known = new Set([...built.exports, ...built.options.map(({ name }) => name)]);
    // Methods, members of what may be one of several, and names that are the reader's to choose.
    const others = new Set(['String', 'step', 'forecast', 'features', 'value', 'word', 'gaze', 'f1']);
    expect(called.length).toBeGreaterThan(60);
    expect(called.filter((name) => !known.has(name) && !others.has(name))).toEqual([]);
  });

  test("every option of the command line stands in the command line's README", () => {
    const commands = join(root, 'packages/cli/src/commands');
    const sources = readdirSync(commands).map((file) => readFileSync(join(commands, file), 'utf8'));
    const options = sources.flatMap((source) =>
      [...source.matchAll(/(?:'|, )(--[a-z-]+)/g)].map(([, option]) => option),
    );
    const readme = readFileSync(join(root, 'packages/cli/README.md'), 'utf8');
    expect(options).toContain('--learning-rate');
    expect([...new Set(options)].filter((option) => !readme.includes(String(option)))).toEqual([]);
  });

  test.skipIf(inject('chromium') === '' && process.env['REQUIRE_BROWSER'] !== '1')(
    'in Chromium, from disk, it greets with the README and finds what is searched',
    async () => {
      const browser = await chromium.launch({ executablePath: inject('chromium'), args: chromiumArguments() });
      try {
        const page = await browser.newPage();
        await page.goto(pathToFileURL(join(out, 'index.html')).href);
        expect(await page.textContent('.col-content')).toContain('Ten lines that train something');
        await page.click('#tsd-search-trigger');
        await page.fill('#tsd-search-input', 'truncatedBptt');
        const hit = page.locator('#tsd-search-results a[href$="_tempograd_core.truncatedBptt.html"]');
        await hit.first().click();
        await page.waitForURL(/functions\/_tempograd_core\.truncatedBptt\.html$/);
        expect(await page.textContent('h1')).toBe('Function truncatedBptt');
      } finally {
        await browser.close();
      }
    },
  );
});
