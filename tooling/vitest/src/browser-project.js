import { join } from 'node:path';
import { playwright } from '@vitest/browser-playwright';
import { chromiumArguments } from './chromium-arguments.js';
import { findChromium } from './find-chromium.js';
import { shaderPlugin } from '@tempograd/shaders';
import { patience } from './patience.js';
import { sourceAliases } from './source-aliases.js';

/** @import { TestProjectInlineConfiguration } from 'vitest/config' */

/**
 * The tests that run in Chromium: `test/**\/*.browser.test.ts`.
 *
 * Pages are cross-origin isolated, so that SharedArrayBuffer is there; `crossOriginIsolated: false` gives ordinary
 * pages. Where the machine has no browser, one skipped test says so, or fails where `REQUIRE_BROWSER=1`.
 *
 * @param {object} [options]
 * @param {string} [options.name] the project's name in reports
 * @param {boolean} [options.crossOriginIsolated] default is true; if false, there is no SharedArrayBuffer
 * @param {string[]} [options.include] the test files
 * @param {string[]} [options.launchArguments] further command-line arguments of Chromium
 * @param {TestProjectInlineConfiguration['test']} [options.test] further vitest settings
 * @returns {TestProjectInlineConfiguration}
 */
export function browserProject({
  crossOriginIsolated = true,
  name = crossOriginIsolated ? 'chromium' : 'chromium-not-isolated',
  include = ['test/**/*.browser.test.ts'],
  launchArguments = [],
  test = {},
} = {}) {
  const executablePath = findChromium();
  if (executablePath === undefined) return withoutBrowser(name);
  return {
    server: { headers: crossOriginIsolated ? isolationHeaders : {} },
    plugins: [shaderPlugin()],
    resolve: { alias: sourceAliases() },
    test: {
      name,
      include,
      ...patience,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions: { executablePath, args: [...chromiumArguments(), ...launchArguments] } }),
        instances: [{ browser: 'chromium' }],
      },
      ...test,
    },
  };
}

/** What makes a page cross-origin isolated. */
const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * Stands for the browser tests where there is no browser: one test, skipped or failed, that says so.
 *
 * @param {string} name
 * @returns {TestProjectInlineConfiguration}
 */
export function withoutBrowser(name) {
  return { root: join(import.meta.dirname, '../stubs'), test: { name, include: ['no-browser.test.js'] } };
}
