import { browserProject, defineTests, nodeProject } from './src/index.js';

export default defineTests(
  nodeProject({ include: ['test/*.test.ts'] }),
  browserProject({ include: ['test/isolated.browser.test.ts'] }),
  browserProject({ include: ['test/not-isolated.browser.test.ts'], crossOriginIsolated: false }),
);
