import { browserProject, defineTests, findChromium, inOneProcess, webgpuProject } from '@tempograd/vitest-config';

/** Named, so that vite does not find them in the middle of a test and loads the page again. */
export const optimizeDeps = {
  include: [
    '@tempograd/conformance > fast-check',
    '@tempograd/nn > valibot',
    '@tempograd/nn > @noble/hashes/sha2.js',
    '@tempograd/nn > @noble/hashes/utils.js',
    '@tempograd/nn > csv-parse/browser/esm/sync',
  ],
};

export default defineTests(
  await webgpuProject({ ...inOneProcess, name: 'node', provide: { chromium: findChromium() ?? '' } }),
  {
    ...browserProject(),
    optimizeDeps,
  },
);
