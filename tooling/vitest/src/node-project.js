import { shaderPlugin } from '@tempograd/shaders';
import { patience } from './patience.js';
import { sourceAliases } from './source-aliases.js';

/** @import { TestProjectInlineConfiguration } from 'vitest/config' */

/**
 * Setting of packages whose test files share nothing but the active backend, which each file chooses for itself: one process, and
 * one copy of the sources, for all files. Where files are many and short, loading both anew for each takes longer than the tests.
 *
 * @type {TestProjectInlineConfiguration['test']}
 */
export const inOneProcess = { isolate: false };

/**
 * The tests that run in Node: `test/**\/*.test.ts`, without the browser's.
 *
 * @param {TestProjectInlineConfiguration['test']} [overrides] further vitest settings
 * @returns {TestProjectInlineConfiguration}
 */
export function nodeProject(overrides = {}) {
  return {
    plugins: [shaderPlugin()],
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
