// Writes what the self-test must give, as the builds compute it that no flag changes: into src, and into the build of it.
import { readFile, writeFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { settableV8 } from '../dist/loader/engineFlags.js';
import { kernelBytes } from '../dist/loader/kernelBytes.js';
import { canFuse } from '../dist/loader/probes.js';
import { keepsRelaxedSimd, relaxedSimd } from '../dist/loader/recipes.js';
import { answers } from '../dist/selfTest/answers.js';
import { answersOf } from '../dist/selfTest/selfTest.js';

/** @param {'simd' | 'relaxed'} build */
async function answersOfBuild(build) {
  return answersOf(new WebAssembly.Module(await kernelBytes(build, false)), false);
}

if (settableV8() > 0 && keepsRelaxedSimd()) setFlagsFromString(relaxedSimd.set);
// A processor that cannot fuse cannot say what is computed where it is done.
const now = { fused: canFuse() ? await answersOfBuild('relaxed') : answers.fused, apart: await answersOfBuild('simd') };

/** @param {Readonly<Record<string, number>>} digests */
const lines = (digests) =>
  Object.entries(digests).map(([family, digest]) => `    ${family}: 0x${digest.toString(16).padStart(8, '0')},`);

const text = `// Written by scripts/known-answers.js, of what the builds compute.

/** Digests of what the self-test must give, where multiplications and additions are fused and where they are not. */
export const answers = {
  fused: {
${lines(now.fused).join('\n')}
  },
  apart: {
${lines(now.apart).join('\n')}
  },
};
`;
const [source, compiled] = ['src/selfTest/answers.ts', 'dist/selfTest/answers.js'].map(
  (path) => new URL(`../${path}`, import.meta.url),
);
if ((await readFile(source, 'utf8')) !== text) {
  await Promise.all([writeFile(source, text), writeFile(compiled, text)]);
  console.log('src/selfTest/answers.ts: written anew');
}
