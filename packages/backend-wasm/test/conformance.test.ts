import { createBackend as createOracle } from '@tempograd/backend-js';
import { createBackend } from '@tempograd/backend-wasm';
import { groups, type Group } from '@tempograd/conformance';
import { testConformance } from '@tempograd/conformance/vitest';
import type { Backend } from '@tempograd/core/backend';
import { variants } from './support/variants.js';

const oracle = (): Backend => createOracle();

/**
 * Groups that hold core to its rules, on ops whose kernels the other groups test: rules of batching and of derivatives, refusals,
 * numbers as operands, cells and ways through time. They run in Node, on one variant, what comes unasked, with threads: builds and
 * pages differ in kernels and threads alone.
 */
const logicGroups: readonly Group[] = [
  'literals',
  'edgeGradients',
  'nesting',
  'batching',
  'functions',
  'cells',
  'scan',
  'strategies',
  'credit',
  'badInput',
];
const kernelGroups = groups.filter((group) => !logicGroups.includes(group));

const unasked = await createBackend({ threads: 1 });
const { build: best } = unasked.info;
unasked.dispose?.();
const inFull = variants.find(({ build, threads }) => build === best && threads !== 1 && !('document' in globalThis));

for (const options of variants) {
  testConformance({
    createBackend: () => createBackend(options),
    oracle,
    name: `conformance, ${options.build} build, ${options.threads} threads`,
    ...(options !== inFull && { only: { groups: kernelGroups } }),
  });
}
