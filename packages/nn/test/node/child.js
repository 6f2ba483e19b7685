// Runs a TypeScript module of the tests in a process of its own, from the sources: `node child.js module.ts argument…`.
import { sourceAliases } from '@tempograd/vitest-config';
import { runnerImport } from 'vite';

await runnerImport(process.argv[2], {
  configFile: false,
  logLevel: 'error',
  resolve: { alias: sourceAliases() },
});
