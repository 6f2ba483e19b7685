import { browserProject, defineTests, nodeProject } from '@tempograd/vitest-config';

/** Named, so that vite does not find them in the middle of a test and loads the page again. */
const optimizeDeps = { include: ['@observablehq/plot', 'linkedom'] };

export default defineTests(nodeProject(), { ...browserProject(), optimizeDeps });
