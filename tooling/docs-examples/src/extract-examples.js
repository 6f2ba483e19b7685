/**
 * One runnable example: a ts block and the blocks that continue it.
 *
 * @typedef {object} Example
 * @property {number} line the line of the document on which its first block opens
 * @property {boolean} run false for a block marked `no-run`, which is type-checked only
 * @property {string} code the blocks, each on the lines it has in the document, so that errors point there
 */

const opening = /^(`{3,})(\S*) *(.*)$/;
const reason = /^<!-- no-run: \S.* -->$/;

/**
 * The TypeScript examples of a Markdown document.
 *
 * A block's info string is `ts`; `ts continue` goes on with the block before it; `ts no-run` is only type-checked, and
 * the line before it must say why, as a comment: `no-run: it needs a browser`.
 *
 * @param {string} name the document's name, for messages
 * @param {string} markdown
 * @returns {Example[]}
 * @throws {Error} if a block's marks are not understood, or it does not say why it is not run
 */
export function extractExamples(name, markdown) {
  const lines = markdown.split('\n');
  /** @type {Example[]} */
  const examples = [];
  for (let open = 0; open < lines.length; open++) {
    const [, fence, language = '', mark = ''] = opening.exec(lines[open] ?? '') ?? [];
    if (fence === undefined) continue;
    const close = lines.indexOf(fence, open + 1);
    const place = `${name}:${open + 1}`;
    if (close === -1) throw new Error(`${place}: the code block is never closed.`);
    if (['js', 'javascript', 'mjs', 'typescript'].includes(language)) {
      throw new Error(`${place}: "${language}" blocks are not tested. Write the example as \`\`\`ts.`);
    }
    if (language === 'ts') addBlock(examples, place, mark, lines, open, close);
    open = close;
  }
  return examples;
}

/**
 * @param {Example[]} examples
 * @param {string} place
 * @param {string} mark
 * @param {readonly string[]} lines
 * @param {number} open the index of the line that opens the block
 * @param {number} close the index of the line that closes it
 */
function addBlock(examples, place, mark, lines, open, close) {
  const body = lines.slice(open + 1, close).join('\n');
  if (mark === 'continue') {
    const before = examples.at(-1);
    if (before === undefined) throw new Error(`${place}: there is no block before this one to continue.`);
    const used = before.code.split('\n').length - 1;
    before.code += `${'\n'.repeat(open + 1 - used)}${body}\n`;
    return;
  }
  if (mark !== '' && mark !== 'no-run') {
    throw new Error(`${place}: "ts ${mark}" is not understood. There are "ts", "ts continue" and "ts no-run".`);
  }
  if (mark === 'no-run' && !reason.test(lines.slice(0, open).findLast((line) => line !== '') ?? '')) {
    throw new Error(`${place}: say before the block why it is not run: <!-- no-run: the reason -->`);
  }
  examples.push({ line: open + 1, run: mark !== 'no-run', code: `${'\n'.repeat(open + 1)}${body}\n` });
}
