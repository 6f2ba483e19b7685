import { browserProject, defineTests, findChromium, inOneProcess, nodeProject } from '@tempograd/vitest-config';

/** Tests that change what all of a process shares, or measure it: modules, globals, workers, the heap. Each file has a process of its own. */
const apart = ['test/{loader,memory,pages}/*.test.ts', 'test/threads/{pool,workers}.test.ts'];

export default defineTests(
  nodeProject({ ...inOneProcess, exclude: ['test/**/*.browser.test.ts', ...apart] }),
  nodeProject({ name: 'node-apart', include: apart, provide: { chromium: findChromium() ?? '' } }),
  browserProject(),
  browserProject({ crossOriginIsolated: false }),
);
