import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { quiet } from '../../start/src/install.js';
import { bareEnvironment } from '../src/installers.js';
import { yarn } from '../src/programs.js';
import { readManifest, root } from '../src/workspace.js';

const folder = mkdtempSync(join(tmpdir(), 'telemetry '));
const project = join(folder, 'project');
const notes = join(folder, 'connections');
/** Stands where a proxy would: programs that are not Node's ask it for a way to other machines. */
let proxy: Server;

beforeAll(async () => {
  cpSync(join(import.meta.dirname, 'fixtures/tiny'), project, { recursive: true });
  mkdirSync(join(project, 'dist'));
  writeFileSync(join(project, 'dist/index.js'), 'export const one = 1;\n');
  writeFileSync(join(project, 'dist/index.d.ts'), 'export declare const one: number;\n');
  writeFileSync(join(project, 'index.html'), '<script type="module" src="./dist/index.js"></script>\n');
  writeFileSync(
    join(project, 'one.test.js'),
    "import { expect, test } from 'vitest';\ntest('1', () => expect(1).toBe(1));\n",
  );
  proxy = createServer((_request, response) => response.writeHead(502).end());
  for (const event of ['request', 'connect']) {
    proxy.on(event, ({ url }: { url: string }, target: { end?: () => void }) => {
      writeFileSync(notes, `${url}\n`, { flag: 'a' });
      target.end?.();
    });
  }
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
});

afterAll(() => {
  proxy.close();
  rmSync(folder, { recursive: true });
});

/** Runs a program in the project, as commands of the workspace run it but with a new home, and gives the hosts it wanted. */
async function hostsOf(script: string, args: readonly string[], cwd = project): Promise<string[]> {
  rmSync(notes, { force: true });
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const { TURBO_TELEMETRY_DISABLED: _own, DO_NOT_TRACK: _other, ...env } = bareEnvironment(join(folder, 'home'));
  const proxies = Object.fromEntries(
    ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [
      [name, address],
      [name.toLowerCase(), address],
    ]),
  );
  const guard = join(import.meta.dirname, 'programs/note-connections.cjs');
  // What the programs make of the project is for other tests: some end with 1.
  await promisify(execFile)(process.execPath, [script, ...args], {
    cwd,
    env: { ...env, ...quiet, ...proxies, CONNECTIONS: notes, NODE_OPTIONS: `--require "${guard}"` },
  }).catch(() => undefined);
  const found = existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : [];
  return found.filter((host) => !host.startsWith('127.0.0.1'));
}

/** What a tool's package says is its program. */
function programOf(name: string): string {
  const place = join(root, 'node_modules', name);
  const { bin } = readManifest(join(place, 'package.json')) as { bin?: Record<string, string> | string };
  const file = typeof bin === 'string' ? bin : Object.values(bin ?? {})[0];
  return file === undefined ? '' : join(place, file);
}

/** Of each tool of the workspace, arguments with which it does a little of its work. */
const tools: Readonly<Record<string, readonly string[]>> = {
  '@arethetypeswrong/cli': ['--pack', '.', '--profile', 'esm-only'],
  '@changesets/cli': ['status'],
  knip: ['--no-progress', '--directory', '.'],
  oxlint: ['dist'],
  playwright: ['install', '--list'],
  prettier: ['--check', '.'],
  publint: [],
  turbo: ['run', 'build', '--filter=@tempograd/tsconfig'],
  typescript: ['--noEmit', '--allowJs', 'dist/index.js'],
  vite: ['build', '--logLevel', 'error'],
  vitest: ['run', '--root', '.'],
};

test('every tool of the workspace that is a program is tried', () => {
  const { devDependencies = {} } = readManifest(join(root, 'package.json'));
  const programs = Object.keys(devDependencies).filter((name) => programOf(name) !== '');
  expect(programs.filter((name) => tools[name] === undefined && name !== 'oxlint-tsgolint')).toEqual([]);
});

test.each(Object.entries(tools))('%s asks for no other machine', async (name, args) => {
  expect(await hostsOf(programOf(name), args, name === 'turbo' ? root : project)).toEqual([]);
});

test('Yarn asks for no other machine, as it is started here', async () => {
  const [script = ''] = yarn().args;
  expect(await hostsOf(script, ['--version'])).toEqual([]);
});

test.each([
  ['train', '--updates', '3', '--hidden', '8', '--batch', '2'],
  ['check', '--backend', 'js', '--op', 'tanh'],
])('tempograd %s asks for no other machine', async (...args) => {
  expect(await hostsOf(join(root, 'packages/cli/dist/main.js'), args)).toEqual([]);
});

test('what does ask is noticed', async () => {
  const script = join(folder, 'asks.mjs');
  writeFileSync(script, "await fetch('http://telemetry.invalid/').catch(() => 0);");
  expect(await hostsOf(script, [])).toContain('telemetry.invalid');
  writeFileSync(
    script,
    "import { get } from 'node:https'; get('https://other.invalid/').on('error', () => 0); import { connect } from 'node:net'; connect(9, '192.0.2.1').on('error', () => 0); setTimeout(() => process.exit(), 100);",
  );
  expect(await hostsOf(script, [])).toEqual(expect.arrayContaining(['other.invalid', '192.0.2.1']));
});
