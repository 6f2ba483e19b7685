/**
 * The source of `src/engine/recurrentWords.ts`: the words of the recurrent kernels' block of arguments by name, as `Word` of
 * `assembly/recurrent/block.ts`, whose text is given, numbers them.
 * @param {string} block
 */
export function recurrentWords(block) {
  const [, members = ''] = /export const enum Word \{([^}]*)\}/.exec(block) ?? [];
  const names = [...members.matchAll(/^ *([A-Z][A-Z0-9_]*),$/gm)].map(([, name = '']) => camelCase(name));
  return `// Written by scripts/build-kernels.js, of assembly/recurrent/block.ts.

/** Numbers of the words of the recurrent kernels' block of arguments. */
export const recurrentWord = {
${names.map((name, number) => `  ${name}: ${number},`).join('\n')}
} as const;

/** How many there are. */
export const recurrentWords = ${names.length};
`;
}

/** @param {string} name */
function camelCase(name) {
  return name.toLowerCase().replaceAll(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}
