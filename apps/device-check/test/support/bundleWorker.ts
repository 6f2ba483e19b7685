import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Makes one file of the tests' worker, which the page's server hands out as `/worker.js`. The page starts a worker for each job:
 * to fetch some hundred modules each time takes longer than the jobs.
 */
export default async function bundleWorker(): Promise<void> {
  await build({
    root,
    logLevel: 'error',
    publicDir: false,
    build: {
      outDir: 'node_modules/.test-worker',
      emptyOutDir: true,
      rolldownOptions: { input: 'test/support/worker.ts', output: { entryFileNames: 'worker.js' } },
    },
  });
}
