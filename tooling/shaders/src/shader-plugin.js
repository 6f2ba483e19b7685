import { dirname, resolve } from 'node:path';
import { readShader } from './read-shader.js';

/** @import { Plugin } from 'vite' */

/**
 * Lets sources import shaders as what the build makes of them: `./exp.wgsl.js` is a module of the text of `exp.wgsl`.
 *
 * @returns {Plugin}
 */
export function shaderPlugin() {
  return {
    name: 'shaders',
    enforce: 'pre',
    resolveId(source, importer) {
      if (!source.endsWith('.wgsl.js') || importer === undefined || !importer.endsWith('.ts')) return null;
      return `${resolve(dirname(importer), source.slice(0, -3))}?text`;
    },
    load(id) {
      if (!id.endsWith('.wgsl?text')) return null;
      /** @type {Set<string>} */
      const files = new Set();
      const code = readShader(id.slice(0, -5), files);
      for (const file of files) this.addWatchFile(file);
      return `export default ${JSON.stringify(code)};`;
    },
  };
}
