// Writes each shader as a module into dist, and lets Tint check every kernel, on Dawn's null device: no GPU is needed.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readShader } from '@tempograd/shaders';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** @returns {Promise<string[]>} paths of the shaders, relative to src */
async function shaders() {
  const files = await readdir(join(root, 'src'), { recursive: true });
  return files.filter((file) => file.endsWith('.wgsl'));
}

/** @returns {Promise<string[]>} what Tint finds fault with */
async function faults() {
  const { create } = await import('webgpu');
  const gpu = create(['backend=null']);
  const adapter = await gpu.requestAdapter();
  if (adapter === null) throw new Error("Dawn's null device is missing: reinstall the package webgpu.");
  const device = await adapter.requestDevice({
    requiredFeatures: [...adapter.features].filter((name) => name === 'shader-f16'),
  });
  const { kernels } = await import(pathToFileURL(join(root, 'dist/kernels.js')).href);
  const { shaderText } = await import(pathToFileURL(join(root, 'dist/engine/Kernel.js')).href);
  const found = [];
  for (const kernel of kernels) {
    for (const types of kernel.types ?? [{}]) {
      const code = shaderText(kernel, types);
      device.pushErrorScope('validation');
      const module = device.createShaderModule({ code });
      const { messages } = await module.getCompilationInfo();
      await device.popErrorScope();
      const lines = code.split('\n');
      for (const { type, message, lineNum } of messages) {
        if (type === 'error')
          found.push(`${kernel.name} ${JSON.stringify(types)}: ${message}\n    ${lines[lineNum - 1] ?? ''}`);
      }
      for (const constants of kernel.constants ?? []) {
        device.pushErrorScope('validation');
        device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main', constants } });
        const error = await device.popErrorScope();
        if (error !== null) found.push(`${kernel.name} ${JSON.stringify(constants)}: ${error.message}`);
      }
    }
  }
  device.destroy();
  return found;
}

const files = await shaders();
for (const file of files) {
  await mkdir(dirname(join(root, 'dist', file)), { recursive: true });
  const text = JSON.stringify(readShader(join(root, 'src', file)));
  await writeFile(join(root, 'dist', `${file}.js`), `export default ${text};\n`);
}
const found = await faults();
if (found.length > 0) throw new Error(`Shaders that are not valid WGSL:\n${found.join('\n')}`);
console.log(`${files.length} shaders`);
