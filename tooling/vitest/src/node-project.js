import { patience } from './patience.js';
import { sourceAliases } from './source-aliases.js';

/** @import { TestProjectInlineConfiguration } from 'vitest/config' */

/**
 * The tests that run in Node: `test/**\/*.test.ts`, without the browser's.
 *
 * @param {TestProjectInlineConfiguration['test']} [overrides] further vitest settings
 * @returns {TestProjectInlineConfiguration}
 */
export function nodeProject(overrides = {}) {
  return {
    resolve: { alias: sourceAliases() },
    test: {
      name: 'node',
      environment: 'node',
      include: ['test/**/*.test.{ts,js}'],
      exclude: ['test/**/*.browser.test.{ts,js}'],
      ...patience,
      ...overrides,
    },
  };
}
