import { browserProject, defineTests, nodeProject } from '@tempograd/vitest-config';
import { optimizeDeps } from './vitest.config.js';

// What takes too long for every change: `test:all`.
export default defineTests(nodeProject({ include: ['test/cpu.all.ts'] }), {
  ...browserProject({ include: ['test/web*.all.ts'] }),
  optimizeDeps,
});
