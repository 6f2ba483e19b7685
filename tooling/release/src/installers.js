import { join } from 'node:path';
import { npm, pnpm, yarn } from './programs.js';

/** @import { Program } from './programs.js' */

/**
 * A package manager, as a user has it who never used it before.
 *
 * @typedef {object} Installer
 * @property {Program} program
 * @property {readonly string[]} install arguments that install what `package.json` names
 * @property {(script: string) => string[]} node arguments that run a script of the project
 * @property {(folder: string, registry: string) => Record<string, string>} environment its registry, and its folders inside one folder
 */

/** Settings that npm and pnpm share. @param {string} registry */
const shared = (registry) => ({
  npm_config_registry: registry,
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
});

/** @type {Record<'npm' | 'pnpm' | 'yarn', Installer>} */
export const installers = {
  npm: {
    program: npm(),
    install: ['install', '--loglevel=error'],
    node: (script) => ['exec', '--offline', '--call', `node ${script}`],
    environment: (folder, registry) => ({ ...shared(registry), npm_config_cache: join(folder, 'cache') }),
  },
  pnpm: {
    program: pnpm(),
    install: ['install', '--reporter=append-only'],
    node: (script) => ['exec', 'node', script],
    environment: (folder, registry) => ({
      ...shared(registry),
      npm_config_store_dir: join(folder, 'store'),
      npm_config_cache_dir: join(folder, 'cache'),
      npm_config_state_dir: join(folder, 'state'),
    }),
  },
  // As `yarn init` sets a project up: Plug'n'Play, where a package finds what it names, and nothing else.
  yarn: {
    program: yarn(),
    install: ['install'],
    node: (script) => ['node', script],
    environment: (folder, registry) => ({
      YARN_ENABLE_TELEMETRY: '0',
      YARN_ENABLE_IMMUTABLE_INSTALLS: '0',
      YARN_GLOBAL_FOLDER: join(folder, 'global'),
      YARN_IGNORE_PATH: '1',
      YARN_NODE_LINKER: 'pnp',
      // A package that was published a moment ago is what this is about.
      YARN_NPM_MINIMAL_AGE_GATE: '0',
      YARN_NPM_REGISTRY_SERVER: registry.replace(/\/$/, ''),
      YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
    }),
  },
};

/**
 * This process's environment without what the package manager that started it, or a test runner, put there.
 *
 * @param {string} home a folder without settings
 * @returns {NodeJS.ProcessEnv}
 */
export function bareEnvironment(home) {
  const foreign = /^(npm|pnpm|yarn|corepack|vite|vitest|turbo)_|^(NODE_OPTIONS|NODE_ENV|VITEST|CI|INIT_CWD)$|^XDG_/i;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(own), HOME: home, USERPROFILE: home };
}
