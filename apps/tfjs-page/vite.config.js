import { sourceAliases } from '@tempograd/vitest-config';
import { defineConfig } from 'vite';

// The packages' sources, so that a change in one is seen here at once.
export default defineConfig({ resolve: { alias: sourceAliases() }, build: { target: 'es2023' } });
