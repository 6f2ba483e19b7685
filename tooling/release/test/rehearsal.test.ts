import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openPage } from '../src/page.js';
import { Rehearsal } from '../src/Rehearsal.js';

declare module 'vitest' {
  interface ProvidedContext {
    chromium: string;
  }
}

const rehearsal = new Rehearsal();
const withoutBrowser = inject('chromium') === '' && process.env['REQUIRE_BROWSER'] !== '1';

beforeAll(() => rehearsal.pack());

afterAll(() => rehearsal.close());

interface Report {
  readonly lessons: readonly { backend: string; first: number; last: number; written: string; tensors: string[] }[];
  readonly threads: number;
}

test('every package becomes 0.1.0, with a changelog of sentences and no repeated line', async () => {
  expect(rehearsal.packed.map(({ version }) => version)).toEqual(rehearsal.packages.map(() => '0.1.0'));
  for (const packed of rehearsal.packed) {
    const lines = (await rehearsal.fileOf(packed, 'CHANGELOG.md')).split('\n').filter((line) => line.startsWith('- '));
    expect(lines.length, packed.name).toBeGreaterThan(0);
    expect(new Set(lines).size, packed.name).toBe(lines.length);
  }
});

test('tarballs hold the code, its sources, README and licence, and no test or setting', async () => {
  for (const packed of rehearsal.packed) {
    const files = await rehearsal.filesOf(packed);
    expect(files, packed.name).toEqual(
      expect.arrayContaining(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']),
    );
    const others = files.filter((file) => !/^(dist|src|assembly)\//.test(file));
    expect(others, packed.name).toHaveLength(4);
    const { exports: entries = {}, bin = {} } = await rehearsal.manifestOf(packed);
    const targets = Object.values(entries).flatMap((each) => (typeof each === 'string' ? [each] : Object.values(each)));
    const named = [...targets, ...Object.values(bin)].map((file) => file.replace(/^\.\//, ''));
    expect(files, packed.name).toEqual(expect.arrayContaining(named));
  }
});

test('packed, packages name one another by range, and nothing of the workspace is left', async () => {
  for (const packed of rehearsal.packed) {
    const { dependencies = {}, peerDependencies = {} } = await rehearsal.manifestOf(packed);
    for (const [name, range] of Object.entries({ ...dependencies, ...peerDependencies })) {
      expect(range, `${packed.name}: ${name}`).toMatch(name.startsWith('@tempograd/') ? /^\^0\.1\.0$/ : /^[\^>]?=?\d/);
    }
  }
});

describe.each(['npm', 'pnpm', 'yarn'] as const)('a project made with %s', (manager) => {
  test('imports every entry, trains in Node on two backends, and writes the model', async () => {
    await rehearsal.install(manager);
    const { lessons, threads } = JSON.parse(await rehearsal.train(manager)) as Report;
    expect(lessons.map(({ backend }) => backend)).toEqual(['js', 'wasm']);
    for (const { first, last, written, tensors } of lessons) {
      expect(last).toBeLessThan(first / 2);
      expect(written).toHaveLength(20);
      expect(tensors).toContain('rnn.weight_hh_l0');
    }
    expect(threads).toBe(2);
  });
});

// Not with Yarn: TypeScript 7 does not find its way through Plug'n'Play.
test.each([
  ['npm', 'nodenext'],
  ['npm', 'bundler'],
  ['pnpm', 'nodenext'],
] as const)('its types hold with %s under %s', async (manager, resolution) => {
  await expect(rehearsal.typeCheck(manager, resolution)).resolves.toBeUndefined();
});

test('its types hold where only ES2020 is known', async () => {
  await expect(rehearsal.typeCheckBare('npm')).resolves.toBeUndefined();
});

test.skipIf(withoutBrowser).each(['built', 'development'] as const)('a Vite page trains, %s', async (how) => {
  const { first, last } = JSON.parse(await openPage(rehearsal.project('npm'), how)) as { first: number; last: number };
  expect(last).toBeLessThan(first / 2);
});

test('npx @tempograd/cli checks a backend, trains and writes, where nothing is installed', async () => {
  expect(await rehearsal.npx(['check', '--backend', 'js', '--op', 'tanh'])).toContain('js conforms');
  const options = ['--updates', '10', '--hidden', '8', '--batch', '2', '--save', 'model.safetensors', '--json'];
  const events = (await rehearsal.npx(['train', ...options])).trim().split('\n');
  expect(JSON.parse(events.at(-1) ?? '{}')).toMatchObject({ event: 'done' });
  expect((await rehearsal.npx(['sample', 'model.safetensors', '--length', '30'])).length).toBeGreaterThan(20);
});

test('no dependency of a package was missing', () => {
  // What is missing is what vitest and tfjs would like to have beside them.
  const wanted = rehearsal.packages.flatMap(({ manifest }) => Object.keys(manifest.dependencies ?? {}));
  expect(wanted).toContain('valibot');
  expect(rehearsal.missing.filter((name) => wanted.includes(name))).toEqual([]);
});
