import { defineConfig } from 'vitest/config';
import { sourceAliases } from './source-aliases.js';

export { sourceAliases };

/**
 * Tests that run in Node: `test/**\/*.test.ts`, browser tests left out.
 *
 * @param {import('vitest/config').TestProjectInlineConfiguration['test']} [test] further settings of vitest
 */
export function nodeProject(test = {}) {
  return {
    resolve: { alias: sourceAliases() },
    test: {
      name: 'node',
      environment: 'node',
      include: ['test/**/*.test.ts'],
      exclude: ['test/**/*.browser.test.ts'],
      ...test,
    },
  };
}

/** The vitest configuration of one package. */
export function defineTests(...projects) {
  return defineConfig({
    test: {
      projects,
      maxWorkers: 1,
      passWithNoTests: true,
    },
  });
}
