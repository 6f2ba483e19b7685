import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { CountsReporter } from './counts-reporter.js';

/** @import { TestProjectInlineConfiguration, ViteUserConfig } from 'vitest/config' */

/**
 * The vitest configuration of one package: some of `nodeProject()` and `browserProject()`.
 *
 * Several packages are tested at a time, so each run takes half of the machine.
 *
 * @param {...TestProjectInlineConfiguration} projects
 * @returns {ViteUserConfig}
 */
export function defineTests(...projects) {
  return defineConfig({
    test: {
      projects,
      maxWorkers: Math.max(1, Math.floor(availableParallelism() / 2)),
      reporters: ['default', new CountsReporter()],
    },
  });
}
