import { checkOptions, optionTable, required, type Backend } from '@tempograd/core/backend';
import { afterAll, describe, test } from 'vitest';
import { conformanceCases } from '../cases/index.js';
import { precisions, type Precision } from '../check/halfStorage.js';
import { differencesKinds, groups, type Differences } from '../run/Case.js';
import type { Deviation } from '../run/deviations.js';
import { coreKit } from '../run/Kit.js';
import { plan, type Selection } from '../run/plan.js';
import { runCase } from '../run/runCase.js';
import { checkBackends, contextOf } from '../run/runConformance.js';

/** What to test, and how. */
export interface TestConformanceOptions {
  /** Makes the backend under test. */
  readonly createBackend: () => Backend | Promise<Backend>;
  /** Makes a trusted backend with f64: the reference's `createBackend`. */
  readonly oracle: () => Backend | Promise<Backend>;
  /** Title of the tests; default is `<backend> conforms`. */
  readonly name?: string;
  /** Cases that the backend does not pass on purpose. */
  readonly deviations?: readonly Deviation[];
  /**
   * What the backend promises of f32; default is `'full'`. With `'f16 storage'` segments may keep weights and saved activations
   * in f16: they are held to looser tolerances, all else to the usual ones.
   */
  readonly precision?: Precision;
  /**
   * Whether finite differences move each input by itself (default) or all jointly, a few times fewer calls of what a case tests:
   * for devices on which a call is dear, where a cheaper one of the same ops is tested with `'per input'`.
   */
  readonly differences?: Differences;
  /** Which cases; default is all. */
  readonly only?: Selection;
  /** A whole number that all random numbers follow from; default is 1. */
  readonly seed?: number;
  /** Milliseconds one case may take; default is 30 000. */
  readonly timeout?: number;
}

const optionsTable = optionTable<TestConformanceOptions>({
  createBackend: required('function'),
  oracle: required('function'),
  name: 'string',
  deviations: 'array',
  precision: precisions,
  differences: differencesKinds,
  only: 'object',
  seed: 'number',
  timeout: 'number',
});

/**
 * Declares one vitest test for each case of the suite that applies to a backend: call it at the top of a test file.
 * @throws ArgumentError for options that make no sense.
 */
export function testConformance(options: TestConformanceOptions): void {
  checkOptions('testConformance', options, optionsTable);
  const {
    createBackend,
    oracle: createOracle,
    name = 'conformance',
    deviations = [],
    precision = 'full',
    differences = 'per input',
    only,
    seed = 1,
    timeout = 30_000,
  } = options;
  describe(name, async () => {
    const [backend, oracle] = [await createBackend(), await createOracle()];
    checkBackends(backend, oracle);
    const planned = plan(conformanceCases, backend, deviations, only);
    afterAll(() => {
      backend.dispose?.();
      oracle.dispose?.();
    });
    for (const dtype of ['f32', 'f64'] as const) {
      for (const group of groups) {
        const members = planned.filter((each) => each.dtype === dtype && each.test.group === group);
        if (members.length === 0) continue;
        describe(`${dtype}, ${group}`, () => {
          for (const each of members) {
            const title =
              each.deviation === null ? each.test.name : `${each.test.name} (deviates: ${each.deviation.reason})`;
            test(title, { timeout }, async () => {
              await runCase(each, contextOf(each, { backend, oracle, precision, differences, seed, kit: coreKit }));
            });
          }
        });
      }
    }
  });
}
