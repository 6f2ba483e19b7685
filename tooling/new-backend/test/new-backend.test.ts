import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createBackend as createReference } from '@tempograd/backend-js';
import { runConformance } from '@tempograd/conformance';
import type { Backend } from '@tempograd/core/backend';
import { beforeAll, expect, test } from 'vitest';
import { typeCheck } from '../../docs-examples/src/type-check.js';
import { manifestFaults } from '../../release/src/manifest-faults.js';
import { readManifest } from '../../release/src/workspace.js';
import { newBackend } from '../src/new-backend.js';

const workspace = join(import.meta.dirname, '../../..');
// Inside the workspace, so that what the template imports is found.
const root = join(workspace, '.examples/new-backend');
const folder = join(root, 'packages/backend-metal');
const paths = join(root, 'tooling/tsconfig/workspace.json');

beforeAll(() => {
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(root, 'tooling/tsconfig'), { recursive: true });
  writeFileSync(paths, readFileSync(join(workspace, 'tooling/tsconfig/workspace.json')));
  newBackend(root, 'metal');
});

test('a new backend has its name everywhere, and TypeScript knows of it', () => {
  expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name).toBe('@tempograd/backend-metal');
  expect(JSON.parse(readFileSync(paths, 'utf8')).compilerOptions.paths['@tempograd/backend-metal']).toEqual([
    '../../packages/backend-metal/src/index.ts',
  ]);
});

test('it has what a published package has', () => {
  const manifest = readManifest(join(folder, 'package.json'));
  const shared = readManifest(join(workspace, 'package.json'));
  expect(manifestFaults(manifest, 'packages/backend-metal', shared)).toEqual([]);
});

test('it type-checks', () => {
  const settings = relative(folder, join(workspace, 'tooling/tsconfig/workspace.json'));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: settings, include: ['src', 'test'] }));
  expect(typeCheck(folder)).toBe('');
});

test('the suite says of each op that it is not written yet, and passes as ops are filled in', async () => {
  const { createBackend } = (await import(join(folder, 'src/index.ts'))) as { createBackend: () => Backend };
  const oracle = createReference();
  const run = async (backend: Backend) => {
    const only = { groups: ['contract', 'layout'] } as const;
    return (await runConformance({ backend, oracle, only: { groups: [...only.groups] } })).outcomes;
  };
  const empty = await run(createBackend());
  expect(empty.filter(({ group }) => group === 'contract').every(({ status }) => status === 'passed')).toBe(true);
  const flip = empty.find(({ name }) => name === 'flip: value, of integers');
  expect(flip?.failure).toMatch(
    /flip is not written yet; its contract is its sentence in packages\/core\/src\/backend\/Backend\.ts/,
  );

  const backend = createBackend() as Backend<{ data: Float32Array }>;
  const written: Backend<{ data: Float32Array }> = {
    ...backend,
    reshape: ({ handle, dtype }, shape) => backend.write(handle.data, shape, dtype),
  };
  const before = empty.find(({ name }) => name === 'reshape: value, of integers');
  const after = (await run(written)).find(({ name }) => name === 'reshape: value, of integers');
  expect([before?.status, after?.status]).toEqual(['failed', 'passed']);
});

test.each(['', 'Metal', '2d', 'a b', '../x'])('%j is refused as a name', (name) => {
  expect(() => newBackend(root, name)).toThrow(/cannot name a backend/);
});

test('a name that is taken is refused', () => {
  expect(() => newBackend(root, 'metal')).toThrow(/is there already/);
});
