import { shaderPlugin } from '@tempograd/shaders';
import { sourceAliases } from '@tempograd/vitest-config';
import { defineConfig } from 'vite';

/** What makes the page cross-origin isolated, so that WebAssembly has threads. */
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

export default defineConfig({
  // So that the built page can stand in any folder of a site.
  base: './',
  // The packages' sources, so that a change in one is seen here at once.
  plugins: [shaderPlugin()],
  resolve: { alias: sourceAliases() },
  build: { target: 'es2023' },
  worker: { format: 'es', plugins: () => [shaderPlugin()] },
  server: { headers },
  preview: { headers },
});
