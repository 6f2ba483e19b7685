import { browserProject, defineTests, findChromium, nodeProject } from '@tempograd/vitest-config';

// Named, so that vite does not find them in the middle of a test and loads the page again: workers are not searched.
const include = [
  'lit-html',
  '@tempograd/conformance > fast-check',
  '@tempograd/nn > valibot',
  '@tempograd/nn > @noble/hashes/sha2.js',
  '@tempograd/nn > @noble/hashes/utils.js',
  '@tempograd/nn > csv-parse/browser/esm/sync',
];

export default defineTests(nodeProject({ provide: { chromium: findChromium() ?? '' } }), {
  ...browserProject({ test: { globalSetup: 'test/support/bundleWorker.ts' } }),
  publicDir: 'node_modules/.test-worker',
  optimizeDeps: { include },
});
