import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What commands of documents are compared with.
 *
 * @typedef {object} Workspace
 * @property {string} root its folder
 * @property {Record<string, string>} scripts those of its `package.json`
 * @property {string} pnpm the version that it is installed with
 * @property {ReadonlySet<string>} programs what its tools are called
 * @property {ReadonlySet<string>} packages names of its packages that are published
 */

/** What npm does by itself. */
const builtIn = new Set(['install', 'test', 'start', 'exec']);

/** Packages that documents name, and that are not installed here. */
const elsewhere = new Set(['@tensorflow/tfjs-node']);

const training = 'packages/cli/src/commands/trainingOptions.ts';

/** Where the options of a command are declared: in one file, or in it and another. */
const declared = /** @type {Record<string, string | readonly [string, string]>} */ ({
  start: ['packages/cli/src/commands/train.ts', training],
  train: ['packages/cli/src/commands/train.ts', training],
  sample: 'packages/cli/src/commands/sample.ts',
  inspect: 'packages/cli/src/commands/inspect.ts',
  advise: ['packages/cli/src/commands/advise.ts', training],
  plan: ['packages/cli/src/commands/plan.ts', training],
  check: 'packages/cli/src/commands/check.ts',
  bench: 'bench/src/main.ts',
  experiment: 'bench/experiments/src/main.ts',
  attack: 'attacks/src/main.ts',
  release: 'tooling/release/src/main.js',
  tune: 'packages/backend-webgpu/scripts/tune.js',
});

/**
 * What is wrong with a command for somebody who has Node and npm, a checkout of the repository, and nothing else.
 *
 * @param {string} command
 * @param {string} folder of the document, where relative paths begin
 * @param {Workspace} workspace
 * @returns {string} a sentence; empty if nothing is wrong
 */
export function commandFault(command, folder, workspace) {
  const [program = '', ...args] = command.split(/\s+/);
  switch (program) {
    case 'npm':
      return npmFault(args, workspace);
    case 'npx':
      return npxFault(args, workspace);
    case 'tempograd':
      return subcommandFault(args, workspace);
    case 'node':
      return nodeFault(args, folder);
    default:
      return `Whoever has npm alone has no ${program}: say npm run, or npx ${program}@${workspace.pnpm}.`;
  }
}

/**
 * @param {readonly string[]} args
 * @param {Workspace} workspace
 */
function npmFault([verb = '', ...args], workspace) {
  if (verb !== 'run' && verb !== 'run-script') {
    if (verb === 'install') return installFault(args, workspace);
    if (!builtIn.has(verb)) return `npm has no command "${verb}" that is meant here.`;
    return verb === 'start' ? optionFault('start', args, workspace) : '';
  }
  const [script = '', ...rest] = args;
  if (workspace.scripts[script] === undefined) return `package.json has no script "${script}".`;
  const dashes = rest.indexOf('--');
  if (dashes === -1 && rest.some((arg) => arg.startsWith('-')))
    return `npm keeps options for itself: write "--" before.`;
  if (script === 'in') return inFault(rest.slice(dashes + 1), workspace);
  return optionFault(script, rest, workspace);
}

/**
 * @param {readonly string[]} args folder and script
 * @param {Workspace} workspace
 */
function inFault([folder = '', script = ''], { root }) {
  const file = join(root, folder, 'package.json');
  if (!existsSync(file)) return `There is no package in "${folder}".`;
  const { scripts = {} } = JSON.parse(readFileSync(file, 'utf8'));
  return script in scripts ? '' : `${folder} has no script "${script}".`;
}

/**
 * @param {readonly string[]} names of packages, and options
 * @param {Workspace} workspace
 */
function installFault(names, { root, packages }) {
  const lock = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8');
  for (const name of names.filter((each) => !each.startsWith('-'))) {
    const known =
      [packages, elsewhere].some((set) => set.has(name)) || lock.includes(` ${name}@`) || lock.includes(`'${name}@`);
    if (!known) return `Nothing here knows a package "${name}".`;
  }
  return '';
}

/**
 * @param {readonly string[]} args
 * @param {Workspace} workspace
 */
function npxFault([name = '', ...args], workspace) {
  if (name === '@tempograd/cli') return subcommandFault(args, workspace);
  if (name.startsWith('pnpm')) return name === `pnpm@${workspace.pnpm}` ? '' : `pnpm here is pnpm@${workspace.pnpm}.`;
  return workspace.programs.has(name)
    ? ''
    : `npx ${name}: no package of that name is meant, and no tool installed here.`;
}

/**
 * @param {readonly string[]} args of the command line
 * @param {Workspace} workspace
 */
function subcommandFault([name, ...args], workspace) {
  if (name === undefined) return '';
  if (!['train', 'sample', 'inspect', 'advise', 'plan', 'check'].includes(name))
    return `tempograd has no command "${name}".`;
  return optionFault(name, args, workspace);
}

/**
 * @param {string} name of a key of `declared`
 * @param {readonly string[]} args
 * @param {Workspace} workspace
 */
function optionFault(name, args, { root }) {
  const files = [declared[name] ?? []].flat();
  if (files.length === 0) return '';
  const source = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
  for (const option of args.join(' ').match(/--[a-z][a-z-]*/g) ?? []) {
    // Words in quotes are values, such as the arguments of a browser.
    if (option === '--help' || new RegExp(`["'][^"']*${option}`).test(args.join(' '))) continue;
    const plain = option.slice(2);
    if (!new RegExp(`${option}\\b|['"]?\\b${plain}['"]?:`).test(source)) return `${files[0]} declares no ${option}.`;
  }
  return '';
}

/**
 * @param {readonly string[]} args
 * @param {string} folder
 */
function nodeFault(args, folder) {
  const script = args.find((arg) => !arg.startsWith('-')) ?? '';
  // A file of the reader's own has no folder.
  if (!script.includes('/') || script.includes('dist/')) return '';
  return existsSync(join(folder, script)) ? '' : `There is no ${script} beside this document.`;
}

/**
 * @param {string} root the folder of the workspace
 * @returns {Workspace}
 */
export function readWorkspace(root) {
  const { scripts, packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const names = readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name, 'package.json'))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')).name);
  return {
    root,
    scripts,
    pnpm: /^pnpm@([^+]+)/.exec(packageManager)?.[1] ?? '',
    programs: new Set(readdirSync(join(root, 'node_modules/.bin'))),
    packages: new Set(names),
  };
}
