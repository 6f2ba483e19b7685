import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findViolations } from '../src/find-violations.js';

let packages: string;

beforeEach(() => {
  packages = mkdtempSync(join(tmpdir(), 'arrows '));
});

afterEach(() => {
  rmSync(packages, { recursive: true });
});

function put(file: string, source: string): void {
  mkdirSync(dirname(join(packages, file)), { recursive: true });
  writeFileSync(join(packages, file), source);
}

/** The violations of one file that imports one module. */
function violationsOf(file: string, specifier: string): string[] {
  put(file, `import { something } from '${specifier}';\nexport { something };\n`);
  return findViolations(packages, [file]);
}

const forbidden: [file: string, specifier: string][] = [
  // The backend contract imports nothing.
  ['core/src/backend/Backend.ts', '../tensor/Tensor.js'],
  ['core/src/backend/Backend.ts', '../index.js'],
  ['core/src/backend/fallbacks/norm.ts', '../../autodiff/vjp.js'],
  ['core/src/backend/Backend.ts', 'some-package'],
  // Core's folders only look down.
  ['core/src/tensor/Tensor.ts', '../autodiff/vjp.js'],
  ['core/src/tensor/Tensor.ts', '../random/key.js'],
  ['core/src/random/key.ts', '../autodiff/vjp.js'],
  ['core/src/autodiff/vjp.ts', '../recurrence/scan.js'],
  ['core/src/autodiff/vjp.ts', '../index.js'],
  ['core/src/recurrence/scan.ts', '../strategies/fullBptt.js'],
  ['core/src/recurrence/cells/lstm.ts', '../../credit/creditMatrix.js'],
  ['core/src/strategies/fullBptt.ts', '../credit/creditMatrix.js'],
  ['core/src/credit/creditMatrix.ts', '../strategies/fullBptt.js'],
  // A strategy calls no backend.
  ['core/src/strategies/fullBptt.ts', '../backend/index.js'],
  ['core/src/strategies/fullBptt.ts', '../backend/Backend.js'],
  ['core/src/credit/creditMatrix.ts', '../backend/Backend.js'],
  // Core knows no backend, no other package, and no Node.
  ['core/src/index.ts', '@tempograd/backend-js'],
  ['core/src/tensor/defaultBackend.ts', '@tempograd/backend-js'],
  ['core/src/tensor/defaultBackend.ts', '../../../backend-js/src/index.js'],
  ['core/src/recurrence/scan.ts', '@tempograd/nn'],
  ['core/src/random/key.ts', 'node:crypto'],
  ['core/src/random/key.ts', 'crypto'],
  // A backend knows the contract, and neither tensors nor other backends.
  ['backend-js/src/index.ts', '@tempograd/core'],
  ['backend-js/src/index.ts', '@tempograd/nn'],
  ['backend-js/src/index.ts', '@tempograd/core/dist/tensor/Tensor.js'],
  ['backend-js/src/index.ts', '../../core/src/tensor/Tensor.js'],
  ['backend-wasm/src/index.ts', '@tempograd/core'],
  ['backend-wasm/src/index.ts', '@tempograd/backend-js'],
  ['backend-wasm/src/index.ts', '../../backend-js/src/matmul.js'],
  ['backend-wasm/src/index.ts', 'node:worker_threads'],
  ['backend-wasm/src/threads/Pool.ts', 'node:fs'],
  ['backend-wasm/src/index.ts', '@tensorflow/tfjs-core'],
  ['backend-webgpu/src/index.ts', '@tempograd/backend-wasm'],
  // nn stands on core alone, and only its Node part sees Node.
  ['nn/src/layers/lstm.ts', '@tempograd/backend-js'],
  ['nn/src/layers/lstm.ts', '@tempograd/conformance'],
  ['nn/src/data/text.ts', 'node:fs'],
  ['nn/src/index.ts', './node/index.js'],
  ['nn/src/node/readText.ts', '@tempograd/backend-js'],
  // The oracle comes to conformance as an argument, and only its vitest face sees vitest.
  ['conformance/src/cases/matmul.ts', '@tempograd/backend-js'],
  ['conformance/src/cases/matmul.ts', '@tempograd/nn'],
  ['conformance/src/cases/matmul.ts', 'vitest'],
  ['conformance/src/cases/matmul.ts', 'node:fs'],
  ['conformance/src/index.ts', './vitest/index.js'],
  // No package reaches into another's folder, nor into the rest of the workspace.
  ['cli/src/main.ts', '../../nn/src/fit.js'],
  ['core/test/scan.test.ts', '../../backend-js/src/index.js'],
  ['nn/src/index.ts', '../../../tooling/vitest/src/index.js'],
];

test.each(forbidden)('%s may not import %s', (file, specifier) => {
  expect(violationsOf(file, specifier)).toEqual([expect.stringContaining(`${file}:1: imports "${specifier}"`)]);
});

const allowed: [file: string, specifier: string][] = [
  ['core/src/backend/Backend.ts', './dtype.js'],
  ['core/src/backend/fallbacks/norm.ts', '../Backend.js'],
  ['core/src/tensor/Tensor.ts', '../backend/index.js'],
  ['core/src/autodiff/vjp.ts', '../tensor/Tensor.js'],
  ['core/src/recurrence/scan.ts', '../autodiff/vjp.js'],
  ['core/src/strategies/fullBptt.ts', '../recurrence/scan.js'],
  ['core/src/credit/creditMatrix.ts', '../recurrence/scan.js'],
  ['core/src/strategies/fullBptt.ts', '../backend/errors.js'],
  ['core/src/index.ts', './strategies/fullBptt.js'],
  ['core/test/scan.test.ts', '@tempograd/backend-js'],
  ['core/test/scan.test.ts', '../src/recurrence/scan.js'],
  ['backend-js/src/index.ts', '@tempograd/core/backend'],
  ['backend-wasm/src/index.ts', '@tempograd/core/backend'],
  ['backend-wasm/src/threads/Pool.ts', 'node:worker_threads'],
  ['backend-wasm/src/threads/Pool.ts', '../memory/Heap.js'],
  ['backend-wasm/src/index.ts', './threads/Pool.js'],
  ['backend-tfjs/src/createBackend.ts', '@tensorflow/tfjs-core'],
  ['backend-wasm/test/index.test.ts', '@tempograd/backend-js'],
  ['nn/src/layers/lstm.ts', '@tempograd/core'],
  ['nn/src/node/readText.ts', 'node:fs'],
  ['nn/src/node/readText.ts', '../data/text.js'],
  ['conformance/src/cases/matmul.ts', '@tempograd/core/backend'],
  ['conformance/src/vitest/index.ts', 'vitest'],
  ['conformance/src/vitest/index.ts', '../cases/matmul.js'],
  ['cli/src/main.ts', '@tempograd/backend-js'],
  ['cli/src/main.ts', 'node:fs'],
];

test.each(allowed)('%s may import %s', (file, specifier) => {
  expect(violationsOf(file, specifier)).toEqual([]);
});

test.each([
  `import '../autodiff/vjp.js';`,
  `import type { Vjp } from '../autodiff/vjp.js';`,
  `export * from '../autodiff/vjp.js';`,
  `export { vjp } from '../autodiff/vjp.js';`,
  `export const late: Promise<unknown> = import('../autodiff/vjp.js');`,
  `export let hidden: import('../autodiff/vjp.js').Vjp;`,
])('every form of import is seen: %s', (source) => {
  put('core/src/tensor/probe.ts', `// A first line.\n${source}\n`);
  expect(findViolations(packages, ['core/src/tensor/probe.ts'])).toEqual([
    expect.stringContaining('core/src/tensor/probe.ts:2: imports "../autodiff/vjp.js"'),
  ]);
});

test('an import whose name is computed is refused where imports are restricted', () => {
  put('core/src/tensor/probe.ts', 'export const load = (name: string): Promise<unknown> => import(name);\n');
  expect(findViolations(packages, ['core/src/tensor/probe.ts'])).toHaveLength(1);
  put('cli/src/probe.ts', 'export const load = (name: string): Promise<unknown> => import(name);\n');
  expect(findViolations(packages, ['cli/src/probe.ts'])).toEqual([]);
});

test('a folder without a line in the table is refused', () => {
  put('core/src/surprise/file.ts', 'export {};\n');
  expect(findViolations(packages, ['core/src/surprise/file.ts'])).toEqual([expect.stringContaining('no zone')]);
});

test('the command refuses a workspace with a forbidden import, and accepts it without', () => {
  const command = join(import.meta.dirname, '../src/check-arrows.js');
  const run = (): { status: number | null; stderr: string } =>
    spawnSync(process.execPath, [command, packages], { encoding: 'utf8' });

  put('core/src/tensor/Tensor.ts', `export { shape } from '../backend/shape.js';\n`);
  put('core/src/backend/shape.ts', 'export const shape = [1];\n');
  expect(run()).toMatchObject({ status: 0, stderr: '' });

  put('core/src/backend/shape.ts', `export { Tensor as shape } from '../tensor/Tensor.js';\n`);
  expect(run()).toMatchObject({ status: 1, stderr: expect.stringContaining('core/src/backend/shape.ts:1') });
});
