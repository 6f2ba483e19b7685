import { shaderPlugin } from '@tempograd/shaders';
import { sourceAliases } from '@tempograd/vitest-config';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [shaderPlugin()],
  resolve: { alias: sourceAliases() },
  server: { hmr: false },
});
