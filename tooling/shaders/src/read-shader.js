import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const include = /^\/\/! include (\S+)$/;

/**
 * The text of a `.wgsl` file. A line `//! include ../math/exp.wgsl` stands for that file, once: where a file is included
 * twice, by whichever ways, the second line is dropped.
 *
 * @param {string} path
 * @param {Set<string>} [seen] the files put in so far; what is read is added
 * @returns {string}
 * @throws {Error} naming the file that includes one that is not there
 */
export function readShader(path, seen = new Set()) {
  const file = resolve(path);
  seen.add(file);
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .flatMap((line) => {
      const [, name] = include.exec(line) ?? [];
      if (name === undefined) return [line];
      const other = resolve(dirname(file), name);
      if (seen.has(other)) return [];
      try {
        return [readShader(other, seen)];
      } catch (cause) {
        throw new Error(`${file} includes ${name}, which cannot be read: ${/** @type {Error} */ (cause).message}`, {
          cause,
        });
      }
    })
    .join('\n');
}
