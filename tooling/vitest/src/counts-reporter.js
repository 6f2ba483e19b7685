import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @import { Reporter, TestModule, Vitest } from 'vitest/node' */

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * Writes `test-results/counts.json`: how many tests of the package passed, failed and were skipped.
 *
 * A file that cannot be loaded and an error outside every test count as one failure each.
 *
 * @implements {Reporter}
 */
export class CountsReporter {
  #root = process.cwd();

  /** @param {Vitest} vitest */
  onInit(vitest) {
    this.#root = vitest.config.root;
  }

  /**
   * @param {ReadonlyArray<TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    /** @type {Counts} */
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'pending') counts.failed += 1;
        else counts[state] += 1;
      }
      counts.failed += module.errors().length;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
    }
    const folder = join(this.#root, 'test-results');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'counts.json'), `${JSON.stringify(counts)}\n`);
  }
}
