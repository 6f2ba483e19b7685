const tail = 'Bytes';
const scratch = 'ScratchBytes';

/**
 * The source of `src/engine/kernelNames.ts`, made of the names that a build exports: kernels, and functions whose names end in
 * `Bytes`, which say what memory a kernel needs.
 * @param {readonly string[]} names
 */
export function kernelNames(names) {
  const sizes = names.filter((name) => name.endsWith(tail));
  const kernels = names.filter((name) => !name.endsWith(tail) && name !== 'heapBase');
  const withScratch = kernels.filter((name) => names.includes(name + scratch));
  return `// Written by scripts/build-kernels.js, of what the builds export.

/** The kernels. */
${union('KernelName', kernels)}
/** Kernels whose parts need scratch of their own; each has a function that says how much. */
${union('ScratchKernelName', withScratch)}
/** Functions that say how much memory a kernel needs, in bytes. */
${union('SizeName', sizes)}`
    .trimEnd()
    .concat('\n');
}

/**
 * @param {string} type
 * @param {readonly string[]} names
 */
function union(type, names) {
  return `export type ${type} =\n${names.map((name) => `  | '${name}'`).join('\n')};\n`;
}
