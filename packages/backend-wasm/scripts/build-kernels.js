// Compiles assembly/ once for each build and writes the binaries as JavaScript modules under dist/wasm, and what they export as
// types under src.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { kernelNames } from './kernelNames.js';
import { recurrentWords } from './recurrentWords.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const common = [
  'assembly/index.ts',
  '-O3',
  '--noAssert',
  '--runtime=stub',
  '--importMemory',
  '--noExportMemory',
  '--enable=simd',
  // All that 32 bits can address. Stated, because a shared memory's import must; the loader makes the import a shared one
  // where there are threads, and the code is the same.
  '--maximumMemory=65536',
  '--disable=mutable-globals',
];
/** The builds, by the name of the module each becomes; `TILE_ROWS` is how many rows register tiles go by; see assembly/globals.d.ts. */
const builds = {
  simd: [...common, '--use=TILE_ROWS=2'],
  relaxed: [...common, '--use=TILE_ROWS=2', '--enable=relaxed-simd'],
  wide: [...common, '--use=TILE_ROWS=4', '--enable=relaxed-simd'],
};

async function compile(name, options) {
  let binary = new Uint8Array();
  /** @type {string[]} */
  const complaints = [];
  const stderr = { write: (/** @type {string | Uint8Array} */ text) => complaints.push(String(text)) > 0 };
  const { error } = await asc.main([...options, `--baseDir=${root}`, '--outFile=kernels.wasm'], {
    stderr,
    writeFile: (_, contents) => void (binary = contents),
  });
  if (error) throw new Error(`asc could not compile the ${name} build:\n${complaints.join('')}`);
  const base64 = Buffer.from(binary).toString('base64');
  await writeFile(join(root, 'dist/wasm', `${name}.js`), `export const base64 =\n  '${base64}';\n`);
  return binary;
}

/** Writes a file of the sources where it is not what it should be. */
async function renew(path, text) {
  const file = join(root, path);
  if ((await readFile(file, 'utf8').catch(() => '')) === text) return;
  await writeFile(file, text);
  console.log(`${path}: written anew`);
}

const declaration = `/** The build's binary; its module is written by scripts/build-kernels.js, as this is. */
export declare const base64: string;
`;

await mkdir(join(root, 'dist/wasm'), { recursive: true });
const block = await readFile(join(root, 'assembly/recurrent/block.ts'), 'utf8');
await renew('src/engine/recurrentWords.ts', recurrentWords(block));
for (const [name, options] of Object.entries(builds)) {
  const binary = await compile(name, options);
  console.log(`${name}: ${binary.length} bytes`);
  await renew(`src/wasm/${name}.d.ts`, declaration);
  // All builds export the same, and any engine with SIMD can read this one.
  if (name === 'simd') {
    const names = WebAssembly.Module.exports(new WebAssembly.Module(binary)).map((exported) => exported.name);
    await renew('src/engine/kernelNames.ts', kernelNames(names));
  }
}
