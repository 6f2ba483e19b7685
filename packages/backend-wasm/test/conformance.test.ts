import { createBackend as createOracle } from '@tempograd/backend-js';
import { createBackend } from '@tempograd/backend-wasm';
import { testConformance } from '@tempograd/conformance/vitest';
import type { Backend } from '@tempograd/core/backend';
import { variants } from './support/variants.js';

const oracle = (): Backend => createOracle();

for (const options of variants) {
  testConformance({
    createBackend: () => createBackend(options),
    oracle,
    name: `conformance, ${options.build} build, ${options.threads} threads`,
  });
}
