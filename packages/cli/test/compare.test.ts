import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ConformanceReport } from '@tempograd/conformance';
import type { Comparison } from '@tempograd/conformance/report';
import { expect, inject, test } from 'vitest';
import { testFolder } from './support/folder.js';
import { eventsIn, tempograd, tempogradInOne } from './support/tempograd.js';

const folder = testFolder();
const inOne = tempogradInOne(folder);
const reference = pathToFileURL(join(import.meta.dirname, '../../backend-js/dist/index.js')).href;

function comparisonIn(stdout: string): Comparison {
  const [event] = eventsIn(stdout).filter((each) => each.event === 'comparison');
  return event as unknown as Comparison;
}

/** What was found when the tests were started. */
const hasWebGpu = inject('webgpu' as never) as boolean;
const places = ['wasm', 'js', ...(hasWebGpu ? ['webgpu'] : []), 'tfjs-cpu', 'tfjs-wasm'];

test('--all compares every backend installed, those over tfjs too, and writes it', async () => {
  const args = ['check', '--all', '--op', 'tanh', 'linear', '--report', 'all.md'];
  const { code, stdout, stderr } = await tempograd(folder.path, args);
  // Of a software driver Dawn says on its own that it has cut down its limits.
  expect({ code, stderr: stderr.replace(/^Warning: max\w+ artificially reduced .*\n/gm, '') }).toEqual({
    code: 0,
    stderr: '',
  });
  // As wide as the terminal is: the last stand below the others.
  const [above, below] = [places.slice(0, 4), [...places.slice(4), 'js f64']];
  for (const names of [above, below]) {
    const heading = new RegExp(`^ +${names.join(' +')}\\nop( +value +grad){${names.length}}\\n`, 'm');
    expect(stdout).toMatch(heading);
  }
  const paths = above.map((name) => (name.startsWith('tfjs') ? 'c' : 'c?f'));
  expect(stdout).toMatch(new RegExp(`\\nlinear${paths.map((path) => ` +\\S+ +\\d\\.\\de-\\d+ ${path}`).join('')}\\n`));
  expect(stdout).toMatch(/ tfjs-wasm +conforms: \d+ cases/);
  expect(stdout).toMatch(
    / tfjs-node +not installed: npm install @tempograd\/backend-tfjs\s+@tensorflow\/tfjs-core @tensorflow\/tfjs-node\n/,
  );
  expect(stdout).toMatch(hasWebGpu ? / webgpu +conforms: \d+ cases/ : / webgpu +not available: finds no GPU/);
  expect(stdout).toContain(`All ${places.length} backends conform`);
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(readFileSync(join(folder.path, 'all.md'), 'utf8')).toContain(`| op | ${places.join(' | ')} | js f64 |`);
  expect(readFileSync(join(folder.path, 'all-tfjs-wasm.md'), 'utf8')).toContain('# Conformance of tfjs-wasm');
});

test('--json gives a report of each backend, and a comparison', async () => {
  const args = ['check', '--backend', 'js', 'tfjs-cpu', '--op', 'tanh', 'gru', '--json'];
  const { code, stdout } = await inOne(args);
  expect(code).toBe(0);
  const reports = eventsIn(stdout).filter(({ event }) => event === 'report') as unknown as ConformanceReport[];
  expect(reports.map(({ backend }) => backend.name)).toEqual(['js', 'tfjs-cpu']);
  const { conforms, columns, rows, backends, unchecked, failures } = comparisonIn(stdout);
  expect({ conforms, unchecked, failures }).toEqual({ conforms: true, unchecked: [], failures: [] });
  expect(backends.map(({ name, passed }) => [name, passed])).toEqual(
    reports.map(({ backend, outcomes }) => [backend.name, outcomes.length]),
  );
  expect(columns).toEqual([
    { backend: 'js', dtype: 'f32' },
    { backend: 'tfjs-cpu', dtype: 'f32' },
    { backend: 'js', dtype: 'f64' },
  ]);
  expect(rows.map(({ op }) => op)).toEqual(['tanh', 'gru']);
  const [js, tfjs] = rows[1]!.fields;
  expect(js).toMatchObject({
    path: 'fused',
    failed: 0,
    value: { failed: 0, worst: { tolerance: expect.any(Number) } },
  });
  expect(tfjs).toMatchObject({ path: 'composed', failed: 0, gradient: { worst: { error: expect.any(Number) } } });
});

test('one that fails, one that deviates and one that does not start: failures first, and exit code 1', async () => {
  folder.put(
    'mine.mjs',
    `import { createBackend as reference } from ${JSON.stringify(reference)};
    export const deviations = [
      { case: 'pow: value, of NaN and infinity', reason: 'it has no NaN to speak of', assert: () => {} },
    ];
    export function createBackend() {
      const right = reference();
      return { ...right, name: 'mine', unary: (op, x) => right.unary(op === 'tanh' ? 'sigmoid' : op, x) };
    }`,
  );
  folder.put('dead.mjs', `export function createBackend() { throw new Error('no such device'); }`);
  const args = ['check', '--backend', 'js', './mine.mjs', './dead.mjs', '--op', 'tanh', 'pow', 'flip'];
  const { code, stdout } = await inOne(args);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^ {2}✗ tanh: value \(f32\) on mine: /);
  expect(stdout).toContain('≠ pow: value, of NaN and infinity (f32) on mine: it has no NaN to speak of');
  expect(stdout.indexOf('✗ tanh')).toBeLessThan(stdout.indexOf('\nop '));
  expect(stdout).toMatch(/ js +conforms: \d+ cases/);
  expect(stdout).toMatch(/ mine +fails: \d+ of \d+ cases, in \d+ s, 2 cases deviating on purpose/);
  expect(stdout).toMatch(/ \.\/dead\.mjs +does not start: no such device/);
  expect(stdout).toContain('Not every backend conforms: mine, ./dead.mjs');
  const { failures, deviations, unchecked } = comparisonIn((await inOne([...args, '--json'])).stdout);
  expect(new Set(failures.map(({ backend, op }) => `${backend} ${op}`))).toEqual(new Set(['mine tanh']));
  expect(deviations.map(({ backend, dtype }) => `${backend} ${dtype}`)).toEqual(['mine f32', 'mine f64']);
  expect(unchecked).toEqual([{ name: './dead.mjs', status: 'does not start', detail: 'no such device' }]);
});

test('Ctrl-C ends it after the case under way, with what was checked', async () => {
  const args = ['check', '--backend', 'js', 'wasm', '--op', 'lstm', 'gru', 'matmul', '--json'];
  let asked = false;
  const { code, stdout } = await tempograd(folder.path, args, (written, child) => {
    if (!asked && written.includes('"event":"report"')) asked = child.kill('SIGINT');
  });
  expect(code).toBe(130);
  expect(comparisonIn(stdout)).toMatchObject({
    conforms: false,
    backends: [{ name: 'js' }],
    unchecked: [{ name: 'wasm', status: 'stopped' }],
  });
});

test('without tfjs the command does without, and says how to have it', async () => {
  // The command as installed on its own: its files, and beside it what it depends on.
  const alone = join(folder.path, 'alone');
  const packages = join(import.meta.dirname, '../node_modules');
  cpSync(join(import.meta.dirname, '../dist'), join(alone, 'dist'), { recursive: true });
  cpSync(join(import.meta.dirname, '../package.json'), join(alone, 'package.json'));
  mkdirSync(join(alone, 'node_modules/@tempograd'), { recursive: true });
  for (const name of ['core', 'nn', 'backend-js', 'backend-wasm', 'backend-webgpu', 'conformance'].map(
    (each) => `@tempograd/${each}`,
  ))
    symlinkSync(join(packages, name), join(alone, 'node_modules', name), 'junction');
  for (const name of ['commander', 'cli-progress', 'valibot', '@stdlib'])
    symlinkSync(join(packages, name), join(alone, 'node_modules', name), 'junction');
  const main = join(alone, 'dist/main.js');
  const { code, stdout } = await tempograd(folder.path, ['check', '--all', '--op', 'neg', '--json'], undefined, main);
  expect(code).toBe(0);
  const { conforms, backends, unchecked } = comparisonIn(stdout);
  expect({ conforms, backends: backends.map(({ name }) => name) }).toEqual({
    conforms: true,
    backends: ['wasm', 'js'],
  });
  expect(unchecked).toContainEqual({
    name: 'tfjs-wasm',
    status: 'not installed',
    detail: 'npm install @tempograd/backend-tfjs @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm',
  });
  const asked = await tempograd(folder.path, ['check', '--backend', 'tfjs-cpu'], undefined, main);
  expect(asked.code).toBe(1);
  expect(asked.stderr).toMatch(/The backend "tfjs-cpu" is not installed: npm install @tempograd\/backend-tfjs /);
});

test('tfjs is found in the user’s folder before the command’s own', async () => {
  // A tfjs-core there that is not one: what comes of it shows where it came from.
  mkdirSync(join(folder.path, 'own/node_modules/@tensorflow/tfjs-core'), { recursive: true });
  folder.put('own/node_modules/@tensorflow/tfjs-core/package.json', '{ "main": "index.js" }');
  folder.put('own/node_modules/@tensorflow/tfjs-core/index.js', 'throw new Error("the one in this folder");');
  const { code, stderr } = await tempograd(join(folder.path, 'own'), ['check', '--backend', 'tfjs-cpu']);
  expect(code).toBe(1);
  expect(stderr).toContain('does not start: the one in this folder');
});

test('tfjs-node is taken where the user has it', async () => {
  // In its place a package that registers tfjs's cpu backend under the name of tfjs-node's, which loads a library of its own.
  const at = 'nodeUser/node_modules/@tensorflow/tfjs-node';
  mkdirSync(join(folder.path, at), { recursive: true });
  const packageOf = (name: string): string => JSON.stringify(createRequire(import.meta.url).resolve(name));
  folder.put(`${at}/package.json`, '{ "main": "index.js" }');
  folder.put(
    `${at}/index.js`,
    `const tf = require(${packageOf('@tensorflow/tfjs-core')});
    const { MathBackendCPU } = require(${packageOf('@tensorflow/tfjs-backend-cpu')});
    tf.copyRegisteredKernels('cpu', 'tensorflow');
    tf.registerBackend('tensorflow', () => new MathBackendCPU());`,
  );
  const args = ['check', '--backend', 'tfjs-node', '--op', 'neg', 'concat'];
  const { code, stdout } = await tempograd(join(folder.path, 'nodeUser'), args);
  expect(stdout).toMatch(/tfjs-tensorflow conforms/);
  expect(code).toBe(0);
});

test('a model is trained on tfjs by name', async () => {
  const args = ['train', '--text', 'rhyme.txt', '--backend', 'tfjs-cpu', '--hidden', '8', '--steps', '4'];
  const { code, stdout } = await inOne([...args, '--updates', '3', '--json']);
  expect(code).toBe(0);
  expect(eventsIn(stdout).find(({ event }) => event === 'plan')).toMatchObject({ backend: 'tfjs-cpu' });
});
