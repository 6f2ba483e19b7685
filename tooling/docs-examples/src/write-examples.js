import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { extractExamples } from './extract-examples.js';

/** @typedef {{ title: string, file: string, run: boolean }} WrittenExample */

/**
 * Writes the examples of documents as modules into an empty folder inside the workspace, with a tsconfig.json.
 *
 * @param {readonly string[]} documents paths of Markdown files
 * @param {string} base the folder from which titles name the documents
 * @param {string} folder where the modules go; what was there is removed
 * @returns {WrittenExample[]}
 */
export function writeExamples(documents, base, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings(folder)));
  return documents.flatMap((document) => {
    const name = relative(base, document);
    return extractExamples(name, readFileSync(document, 'utf8')).map(({ line, run, code }) => {
      const file = join(folder, `${name.replace(/[^\w-]+/g, '_')}_${line}.ts`);
      writeFileSync(file, code);
      return { title: `${name}:${line}`, file, run };
    });
  });
}

/** @param {string} folder */
function settings(folder) {
  const shared = join(import.meta.dirname, '../../tsconfig/workspace.json');
  return {
    extends: relative(folder, shared),
    // An example may define what it does not use, and leaves out what a library must write.
    compilerOptions: {
      declaration: false,
      isolatedDeclarations: false,
      noUnusedLocals: false,
      noUnusedParameters: false,
    },
    include: ['*.ts'],
  };
}
