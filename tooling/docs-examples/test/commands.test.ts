import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandFault, readWorkspace } from '../src/command-fault.js';
import { extractCommands } from '../src/extract-commands.js';

const root = join(import.meta.dirname, '../../..');
const workspace = readWorkspace(root);

const within = (folder: string): string[] =>
  existsSync(join(root, folder)) ? readdirSync(join(root, folder)).map((name) => join(folder, name)) : [];
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  '.changeset/README.md',
  'docs/README.md',
  'bench/README.md',
  'attacks/README.md',
  ...['docs/guides', 'docs/experiments', 'docs/decisions'].flatMap(within).filter((file) => file.endsWith('.md')),
  ...[...within('packages'), ...within('apps')].map((folder) => join(folder, 'README.md')),
  'packages/backend-wasm/assembly/README.md',
].filter((file) => existsSync(join(root, file)));

/** A pnpm of one's own is mentioned, not asked for. */
const mentioned = new Set(['CONTRIBUTING.md: pnpm build']);

test.each(documents)('every command in %s works for who has npm alone', (document) => {
  const faults = extractCommands(readFileSync(join(root, document), 'utf8')).flatMap(({ line, command }) => {
    const fault = commandFault(command, join(root, dirname(document)), workspace);
    return fault === '' || mentioned.has(`${document}: ${command}`)
      ? []
      : [`${document}:${line}: ${command}: ${fault}`];
  });
  expect(faults).toEqual([]);
});

test('commands are found in shell blocks and in backticks, without their comments', () => {
  const markdown = [
    'Say `npm start` or `npm run bench -- --long`, not `npmx`, `fit` or `nodes`.',
    '   ```sh',
    '   npm test   # all of it',
    '   cd packages && npx vitest run',
    '   $ pnpm install',
    '   ```',
    '```ts',
    'npm.install();',
    '```',
    '`node train.js` is one',
  ].join('\n');
  expect(extractCommands(markdown)).toEqual([
    { line: 1, command: 'npm start' },
    { line: 1, command: 'npm run bench -- --long' },
    { line: 3, command: 'npm test' },
    { line: 4, command: 'npx vitest run' },
    { line: 5, command: 'pnpm install' },
    { line: 10, command: 'node train.js' },
  ]);
});

describe('a command that does not work is told', () => {
  test.each([
    ['pnpm bench', 'has no pnpm'],
    ['yarn add @tempograd/nn', 'has no yarn'],
    ['npm run benches', 'no script "benches"'],
    ['npm run bench --long', 'npm keeps options for itself'],
    ['npm run bench -- --lang', 'declares no --lang'],
    ['npm start -- --texts FILE', 'declares no --texts'],
    ['npm run attack -- --sead 1', 'declares no --sead'],
    ['npm run in -- benches soak', 'no package in "benches"'],
    ['npm run in -- bench sook', 'no script "sook"'],
    ['npm instal webgpu', 'no command "instal"'],
    ['npm install @tempograd/nnn', 'knows a package "@tempograd/nnn"'],
    ['npx tempograd check', 'npx tempograd'],
    ['npx @tempograd/cli chek', 'no command "chek"'],
    ['npx @tempograd/cli train --minute 3', 'declares no --minute'],
    ['npx pnpm@9.0.0 install', `pnpm here is pnpm@${workspace.pnpm}`],
    ['tempograd sample MODEL [--promt TEXT]', 'declares no --promt'],
    ['node scripts/none.js', 'There is no scripts/none.js'],
  ])('%s', (command, told) => {
    expect(commandFault(command, root, workspace)).toContain(told);
  });

  test.each([
    'npm run bench -- --columns webgpu --help',
    'npm run in -- bench browser --chromium "--enable-features=Vulkan"',
    'npm install @tempograd/core webgpu',
    'npm run release -- --dry-run',
    'npx vitest run test/scan.test.ts',
    'node --experimental-wasm-revectorize train.js',
  ])('and %s is not', (command) => {
    expect(commandFault(command, root, workspace)).toBe('');
  });
});
