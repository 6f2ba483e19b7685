import { dim } from './format.js';

/** Shows what is under way, on a line that does not stay; nothing where there is no terminal, or `silent`. */
export function passingProgress(silent: boolean): { show(this: void, part: string): void; clear(this: void): void } {
  const write = (text: string): void => {
    if (!silent && process.stdout.isTTY) process.stdout.write(`\r\u001b[K${text}`);
  };
  return { show: (part) => write(dim(`${part} …`)), clear: () => write('') };
}
