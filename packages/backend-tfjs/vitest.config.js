import { browserProject, defineTests, nodeProject } from '@tempograd/vitest-config';

// Named, so that vite does not find them in the middle of a test and loads the page again.
const include = ['core', 'backend-webgl', 'backend-webgpu', 'layers'].map((name) => `@tensorflow/tfjs-${name}`);

export default defineTests(nodeProject(), { ...browserProject(), optimizeDeps: { include } });
