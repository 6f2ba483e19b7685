import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const template = join(import.meta.dirname, '../template');

/**
 * Makes `packages/backend-<name>` from the template, and tells the workspace's TypeScript of it.
 *
 * @param {string} root the workspace
 * @param {string} name of the backend: lower-case letters, digits and -
 * @throws {Error} for a name that cannot be one or is taken
 */
export function newBackend(root, name) {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new Error(
      `"${name}" cannot name a backend; say \`npm run new:backend -- NAME\`, NAME of a–z, 0–9 and -, such as "metal".`,
    );
  }
  const folder = join(root, 'packages', `backend-${name}`);
  if (existsSync(folder)) throw new Error(`packages/backend-${name} is there already; choose another name.`);
  writeTemplate(folder, name);
  addPath(join(root, 'tooling/tsconfig/workspace.json'), name);
}

/**
 * Writes the template's files with a backend's name in them.
 *
 * @param {string} folder
 * @param {string} name
 */
function writeTemplate(folder, name) {
  for (const file of readdirSync(template, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.template')) continue;
    const target = join(folder, file.slice(0, -'.template'.length));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, readFileSync(join(template, file), 'utf8').replaceAll('__name__', name));
  }
}

/**
 * Adds the package to `paths`, where TypeScript finds the sources of each.
 *
 * @param {string} file
 * @param {string} name
 */
function addPath(file, name) {
  const text = readFileSync(file, 'utf8');
  const first = text.indexOf('"@tempograd/backend-js"');
  if (first < 0)
    throw new Error(`${file} has no path of @tempograd/backend-js; add the one of backend-${name} by hand.`);
  const line = `"@tempograd/backend-${name}": ["../../packages/backend-${name}/src/index.ts"],\n      `;
  writeFileSync(file, text.slice(0, first) + line + text.slice(first));
}
