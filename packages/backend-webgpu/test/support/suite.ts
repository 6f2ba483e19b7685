import { createBackend as createOracle } from '@tempograd/backend-js';
import type { Selection } from '@tempograd/conformance';
import { testConformance, type TestConformanceOptions } from '@tempograd/conformance/vitest';
import { createBackend } from '../../src/index.js';
import { hasF16 } from './hasF16.js';

/** Declares the conformance suite on a backend whose new storage is NaN. */
export function testOn(name: string, options: Pick<TestConformanceOptions, 'only' | 'differences'> = {}): void {
  testConformance({
    name: `conformance on ${name}`,
    createBackend: () => createBackend({ poison: true }),
    oracle: () => createOracle(),
    ...options,
    // Software drivers compile on the processor that computes.
    timeout: 120_000,
  });
}

/** Declares these cases with storage f16, which needs an adapter that has it; none where it has not. */
export async function testHalfStorage(only: Selection): Promise<void> {
  if (!(await hasF16())) return;
  testConformance({
    name: 'conformance with storage f16',
    createBackend: () => createBackend({ poison: true, storage: 'f16' }),
    oracle: () => createOracle(),
    precision: 'f16 storage',
    only,
    timeout: 120_000,
  });
}
