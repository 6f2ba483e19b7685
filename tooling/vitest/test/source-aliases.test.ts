import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sourceAliases } from '../src/index.js';

let packages: string;

beforeEach(() => {
  packages = mkdtempSync(join(tmpdir(), 'packages '));
});

afterEach(() => {
  rmSync(packages, { recursive: true });
});

function put(file: string, content: string): void {
  mkdirSync(dirname(join(packages, file)), { recursive: true });
  writeFileSync(join(packages, file), content);
}

function resolve(specifier: string): string | undefined {
  return sourceAliases(packages).find(({ find }) => find.test(specifier))?.replacement;
}

test('a package and its subpaths resolve to their sources', () => {
  put('core/src/index.ts', '');
  put('core/src/backend/index.ts', '');
  const exports = {
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './backend': './dist/backend/index.js',
  };
  put('core/package.json', JSON.stringify({ name: '@tempograd/core', exports }));
  expect(resolve('@tempograd/core')).toBe(join(packages, 'core/src/index.ts'));
  expect(resolve('@tempograd/core/backend')).toBe(join(packages, 'core/src/backend/index.ts'));
  expect(resolve('@tempograd/core/other')).toBeUndefined();
  expect(resolve('@tempograd/core-more')).toBeUndefined();
});

test('an entry without a source of its name stays as it is built', () => {
  put('made/package.json', JSON.stringify({ name: '@tempograd/made', exports: { '.': './dist/index.js' } }));
  expect(resolve('@tempograd/made')).toBe(join(packages, 'made/dist/index.js'));
});

test('a package with parts for another compiler stays as it is built', () => {
  put('wasm/src/index.ts', '');
  put('wasm/assembly/index.ts', '');
  put('wasm/package.json', JSON.stringify({ name: '@tempograd/wasm', exports: { '.': './dist/index.js' } }));
  expect(resolve('@tempograd/wasm')).toBe(join(packages, 'wasm/dist/index.js'));
});

test('a package without exports, and a folder that is no package, have no alias', () => {
  put('cli/package.json', JSON.stringify({ name: '@tempograd/cli' }));
  put('empty/notes.txt', '');
  expect(sourceAliases(packages)).toEqual([]);
});
