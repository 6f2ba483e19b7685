import { browserProject, defineTests, inOneProcess, nodeProject } from '@tempograd/vitest-config';

/** Named, so that vite does not find them in the middle of a test and loads the page again. */
export const optimizeDeps = {
  include: ['valibot', '@noble/hashes/sha2.js', '@noble/hashes/utils.js', 'csv-parse/browser/esm/sync'],
};

export default defineTests(nodeProject(inOneProcess), { ...browserProject(), optimizeDeps });
