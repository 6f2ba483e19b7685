import { createBackend as createOracle } from '@tempograd/backend-js';
import { testConformance } from '@tempograd/conformance/vitest';
import { createBackend } from '../../src/index.js';

/** Declares the conformance suite, or the cases of these names, on a backend whose new storage is NaN. */
export function testOn(name: string, names?: readonly string[]): void {
  testConformance({
    name: `conformance on ${name}`,
    createBackend: () => createBackend({ poison: true }),
    oracle: () => createOracle(),
    ...(names && { only: { names } }),
    // Software drivers compile on the processor that computes.
    timeout: 120_000,
  });
}
