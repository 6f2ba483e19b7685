import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { builds, loadKernels } from '../kernels/kernels.js';

test.each(builds)('the names of the kernels are what the %s build exports', async (build) => {
  const { exports } = await loadKernels(build, 1);
  const script = (await import(new URL('../../scripts/kernelNames.js', import.meta.url).href)) as {
    kernelNames: (names: readonly string[]) => string;
  };
  const written = await readFile(new URL('../../src/engine/kernelNames.ts', import.meta.url), 'utf8');
  expect(written).toBe(script.kernelNames(Object.keys(exports)));
});
