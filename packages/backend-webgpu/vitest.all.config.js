import { browserProject, defineTests } from '@tempograd/vitest-config';
import { optimizeDeps } from './vitest.config.js';

// What takes too long for every change: `pnpm test:all`.
export default defineTests({ ...browserProject({ include: ['test/**/*.all.ts'] }), optimizeDeps });
