import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const oxlint = join(dirname(createRequire(import.meta.url).resolve('oxlint/package.json')), 'bin/oxlint');

/** A workspace of which only the lint settings are real. */
let workspace: string;

beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), 'lint '));
  cpSync(join(root, '.oxlintrc.json'), join(workspace, '.oxlintrc.json'));
  cpSync(join(root, 'tooling/lint/oxlint.jsonc'), join(workspace, 'tooling/lint/oxlint.jsonc'));
  symlinkSync(join(root, 'node_modules'), join(workspace, 'node_modules'), 'junction');
});

afterAll(() => {
  rmSync(workspace, { recursive: true });
});

/** The names of the rules that a file breaks. */
function rulesBrokenBy(file: string, source: string): string[] {
  const path = join(workspace, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, source);
  const { stdout } = spawnSync(process.execPath, [oxlint, '--format=json', file], { cwd: workspace, encoding: 'utf8' });
  rmSync(path);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string }[] };
  return diagnostics.map(({ code }) => code);
}

const hostGlobals = [
  'navigator',
  'WebAssembly',
  'process',
  'window',
  'document',
  'Buffer',
  'self',
  'global',
  'globalThis',
];

test.each(hostGlobals)('core may not touch %s', (name) => {
  const source = `export const found: unknown = typeof ${name};\n`;
  expect(rulesBrokenBy('packages/core/src/tensor/probe.ts', source)).toEqual(['eslint(no-restricted-globals)']);
});

test.each(['process', 'Buffer', 'document', 'navigator'])('nn touches %s only in its Node part', (name) => {
  const source = `export const found: unknown = typeof ${name};\n`;
  expect(rulesBrokenBy('packages/nn/src/fit/probe.ts', source)).toEqual(['eslint(no-restricted-globals)']);
  expect(rulesBrokenBy('packages/nn/src/node/probe.ts', source)).toEqual([]);
});

test('a name that only looks like a global is let through', () => {
  const source = 'export const run = (process: () => number): number => process();\n';
  expect(rulesBrokenBy('packages/core/src/tensor/probe.ts', source)).toEqual([]);
});

test.each([
  ['eslint(no-console)', `console.log('x');\n`],
  ['typescript(no-explicit-any)', 'export const x = (a: any): string => String(a);\n'],
  ['typescript(consistent-type-imports)', `import { Shape } from './shape.js';\nexport const x: Shape = [];\n`],
  ['eslint(no-unused-vars)', 'const unused = 1;\n'],
  ['eslint(eqeqeq)', 'export const same = (a: unknown, b: unknown): boolean => a == b;\n'],
])('%s is refused in packages', (rule, source) => {
  expect(rulesBrokenBy('packages/nn/src/probe.ts', source)).toContain(rule);
});

test('the command line may write to the console', () => {
  expect(rulesBrokenBy('packages/cli/src/probe.ts', `console.log('x');\n`)).toEqual([]);
});
