import { browserProject, defineTests, findChromium, inOneProcess, nodeProject } from '@tempograd/vitest-config';

// Long for the slowest machine under load; a test takes a second at most on an idle one.
const testTimeout = 60_000;

/** Tests that change what all of a process shares, or measure it: modules, globals, workers, the heap. Each file has a process of its own. */
const apart = ['test/{loader,memory,pages}/*.test.ts', 'test/threads/{pool,workers}.test.ts'];

export default defineTests(
  nodeProject({ ...inOneProcess, testTimeout, exclude: ['test/**/*.browser.test.ts', ...apart] }),
  nodeProject({ name: 'node-apart', testTimeout, include: apart, provide: { chromium: findChromium() ?? '' } }),
  browserProject(),
  browserProject({ crossOriginIsolated: false }),
);
