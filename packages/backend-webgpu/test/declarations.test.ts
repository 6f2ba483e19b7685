import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '..');
const compiler = join(folder, '../../node_modules/typescript/bin/tsc');

// Without `DOM`, as in projects for Node, there is no type of WebGPU; and TypeScript 5 knows none in pages, either.
test.each(['ES2023', 'ES2023,DOM', 'ES2023,WebWorker'])(
  'the declarations, and those of core, are whole in a project whose lib is %s',
  async (lib) => {
    const strict = ['--strict', '--skipLibCheck', 'false', '--types', '', '--module', 'nodenext', '--target', 'ES2023'];
    const args = [
      compiler,
      '--ignoreConfig',
      '--noEmit',
      ...strict,
      '--lib',
      lib,
      'dist/index.d.ts',
      '../core/dist/index.d.ts',
    ];
    const found = promisify(execFile)(process.execPath, args, { cwd: folder });
    await expect(found).resolves.toMatchObject({ stdout: '', stderr: '' });
  },
);
