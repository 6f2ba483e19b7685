import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll } from 'vitest';
import { sourceAliases } from './source-aliases.js';

/**
 * TypeScript modules of a folder as programs for processes of their own. They are made from the sources once for a test file: to do
 * so in each process takes longer than all else there.
 *
 * @param {string} folder
 * @param {readonly string[]} names without `.ts`
 * @returns {(name: string) => string} the path of each program, while tests run
 */
export function programsOf(folder, names) {
  let path = '';
  beforeAll(async () => {
    path = mkdtempSync(join(tmpdir(), 'programs '));
    await build({
      configFile: false,
      logLevel: 'error',
      resolve: { alias: sourceAliases() },
      ssr: { noExternal: true },
      build: {
        ssr: true,
        outDir: path,
        emptyOutDir: false,
        rolldownOptions: {
          input: names.map((name) => join(folder, `${name}.ts`)),
          output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
        },
      },
    });
  });
  afterAll(() => rmSync(path, { recursive: true }));
  return (name) => join(path, `${name}.mjs`);
}
