import { browserProject, defineTests, findChromium, nodeProject } from '@tempograd/vitest-config';

export default defineTests(
  nodeProject({
    provide: { chromium: findChromium() ?? '' },
    // Long for the slowest machine under load; a test takes a second at most on an idle one.
    testTimeout: 60_000,
  }),
  browserProject(),
  browserProject({ crossOriginIsolated: false }),
);
