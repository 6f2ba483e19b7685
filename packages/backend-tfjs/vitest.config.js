import { browserProject, defineTests, inOneProcess, nodeProject } from '@tempograd/vitest-config';

// Named, so that vite does not find them in the middle of a test and loads the page again.
const include = ['core', 'backend-webgl', 'backend-webgpu', 'layers'].map((name) => `@tensorflow/tfjs-${name}`);
export const optimizeDeps = { include };

export default defineTests(
  nodeProject({ ...inOneProcess, exclude: ['test/**/*.{browser,apart}.test.ts'] }),
  { ...browserProject(), optimizeDeps },
  // A browser of its own for what leaves its browser without a GPU.
  { ...browserProject({ name: 'chromium-apart', include: ['test/**/*.apart.test.ts'] }), optimizeDeps },
);
