/** @typedef {{ line: number, command: string }} Command a command, and the line of the document on which it stands */

const programs = /^(npm|npx|pnpm|yarn|tempograd|node) /;
const shell = new Set(['sh', 'bash', 'shell', 'console']);

/**
 * The commands that a Markdown document shows: lines of its shell blocks, and what stands in backticks and begins with a program.
 *
 * @param {string} markdown
 * @returns {Command[]}
 */
export function extractCommands(markdown) {
  /** @type {Command[]} */
  const commands = [];
  /** The language of the block that a line is in; null outside of blocks. @type {string | null} */
  let block = null;
  for (const [i, text] of markdown.split('\n').entries()) {
    const fence = /^\s*`{3,}(\S*)/.exec(text);
    if (fence) block = block === null ? (fence[1] ?? '') : null;
    else if (block === null) {
      for (const [, code = ''] of text.matchAll(/`([^`]+)`/g)) commands.push({ line: i + 1, command: code });
    } else if (shell.has(block)) {
      for (const command of text.replace(/(^|\s)#.*$/, '').split('&&')) commands.push({ line: i + 1, command });
    }
  }
  return commands
    .map(({ line, command }) => ({ line, command: command.trim().replace(/^\$ /, '') }))
    .filter(({ command }) => programs.test(`${command} `));
}
