import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bareEnvironment, installers } from './installers.js';
import { pack } from './pack.js';
import { pnpm, tsc } from './programs.js';
import { Registry } from './Registry.js';
import { run } from './run.js';
import { versionedCopy } from './versioned-copy.js';
import { publishedPackages, root } from './workspace.js';

/** @import { Packed } from './pack.js' */
/** @import { Manifest, Member } from './workspace.js' */

/** @typedef {keyof typeof installers} Manager */

const consumer = join(import.meta.dirname, '../consumer');

/** Entries that need what few users have: these are not imported. */
const needsMore = ['@tempograd/conformance/vitest'];

/** Packages whose declarations name those of others, which do not hold by themselves: their types are checked, and no others. */
const needsLax = ['@tempograd/backend-tfjs'];

/**
 * A release without its end: versions, changelogs and tarballs are made as a release makes them, a registry of this machine hands
 * them out, and projects of users install them from there. The workspace must be built; it is not changed.
 */
export class Rehearsal {
  /** Where all of it happens: nothing of the workspace is above. */
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'release ')));
  /** @type {Packed[]} */
  packed = [];
  /** @type {Member[]} */
  packages = [];
  /** @type {Registry | undefined} */
  #registry;

  get #copy() {
    return join(this.folder, 'workspace');
  }

  /** Makes versions, changelogs and tarballs, and starts the registry. */
  async pack() {
    await versionedCopy(root, this.#copy);
    this.packages = publishedPackages(this.#copy);
    this.packed = await pack(this.#copy, join(this.folder, 'tarballs'), pnpm());
    const manifests = await Promise.all(this.packed.map((each) => this.manifestOf(each)));
    this.#registry = new Registry(root, join(this.folder, 'others'), this.packed, manifests);
    await this.#registry.start();
  }

  /**
   * @param {Packed} packed
   * @returns {Promise<Manifest>} the `package.json` in a tarball
   */
  async manifestOf(packed) {
    return JSON.parse(await this.fileOf(packed, 'package.json'));
  }

  /**
   * @param {Packed} packed
   * @param {string} file
   * @returns {Promise<string>} a file in a tarball
   */
  fileOf({ tarball }, file) {
    return run('tar', ['-xzOf', tarball, `package/${file}`], { cwd: this.folder });
  }

  /**
   * @param {Packed} packed
   * @returns {Promise<string[]>} the names of the files in a tarball
   */
  async filesOf({ tarball }) {
    const list = await run('tar', ['-tzf', tarball], { cwd: this.folder });
    return list
      .trim()
      .split('\n')
      .map((file) => file.replace(/^package\//, ''));
  }

  /**
   * Makes an empty project into one that has every package, and the programs of `consumer/`.
   *
   * @param {Manager} manager
   */
  async install(manager) {
    const project = this.project(manager);
    cpSync(consumer, project, { recursive: true });
    const own = this.packed.filter(({ name }) => name !== '@tempograd/cli');
    const dependencies = Object.fromEntries(own.map(({ name, version }) => [name, `^${version}`]));
    const manifest = { name: 'a-project', private: true, type: 'module', dependencies };
    writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(project, 'yarn.lock'), '');
    writeFileSync(join(project, 'everything.js'), this.#everything());
    await this.#call(manager, installers[manager].install);
  }

  /** @param {Manager} manager */
  project(manager) {
    return join(this.folder, `with ${manager}`);
  }

  /**
   * Imports every entry of every package in Node, then trains.
   *
   * @param {Manager} manager
   * @returns {Promise<string>} what the training wrote
   */
  async train(manager) {
    return this.#call(manager, installers[manager].node('train.js'));
  }

  /**
   * Type-checks the programs, with the declarations of every package.
   *
   * @param {Manager} manager
   * @param {'nodenext' | 'bundler'} resolution
   * @throws RunFailed with the compiler's complaints, if there are any
   */
  async typeCheck(manager, resolution) {
    const folder = join(this.project(manager), `typed-${resolution}`);
    mkdirSync(join(folder, 'lax'), { recursive: true });
    for (const file of ['lesson', 'page', 'train']) {
      cpSync(join(this.project(manager), `${file}.js`), join(folder, `${file}.ts`));
    }
    writeFileSync(
      join(folder, 'everything.ts'),
      this.#everything((name) => !needsLax.includes(name)),
    );
    writeFileSync(
      join(folder, 'lax/everything.ts'),
      this.#everything((name) => needsLax.includes(name)),
    );
    const compilerOptions = {
      target: 'ES2022',
      lib: ['ES2022', 'DOM'],
      types: [],
      module: resolution === 'bundler' ? 'esnext' : 'nodenext',
      moduleResolution: resolution,
      strict: true,
      noEmit: true,
    };
    const { command, args } = tsc();
    for (const [place, skipLibCheck] of /** @type {const} */ ([
      [folder, false],
      [join(folder, 'lax'), true],
    ])) {
      const settings = { compilerOptions: { ...compilerOptions, skipLibCheck }, include: ['*.ts'] };
      writeFileSync(join(place, 'tsconfig.json'), JSON.stringify(settings));
      await run(command, [...args, '-p', place, '--pretty', 'false'], { cwd: place });
    }
  }

  /**
   * Compiles imports of what runs everywhere as a project does that knows no page, no Node and nothing after ES2020, declarations included.
   *
   * @param {Manager} manager
   * @throws RunFailed with the compiler's complaints, if there are any
   */
  async typeCheckBare(manager) {
    const folder = join(this.project(manager), 'typed-bare');
    mkdirSync(folder, { recursive: true });
    const names = ['core', 'core/backend', 'nn', 'backend-js', 'backend-wasm', 'backend-webgpu'];
    const imports = names.map((name, index) => `import * as bare${index} from '@tempograd/${name}';`);
    const used = `export const all: object[] = [${names.map((_, index) => `bare${index}`).join(', ')}];`;
    writeFileSync(join(folder, 'everything.ts'), [...imports, used, ''].join('\n'));
    const compilerOptions = {
      target: 'ES2020',
      lib: ['ES2020'],
      types: [],
      module: 'nodenext',
      moduleResolution: 'nodenext',
      strict: true,
      noEmit: true,
      skipLibCheck: false,
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    const { command, args } = tsc();
    await run(command, [...args, '-p', folder, '--pretty', 'false'], { cwd: folder });
  }

  /**
   * `npx @tempograd/cli …` where nothing is installed.
   *
   * @param {readonly string[]} args
   * @returns {Promise<string>} what it wrote
   */
  npx(args) {
    const project = join(this.folder, 'with npx');
    mkdirSync(project, { recursive: true });
    const { program, environment } = installers.npm;
    const env = { ...bareEnvironment(this.folder), ...environment(join(this.folder, 'npm'), this.#address) };
    return run(program.command, [...program.args, 'exec', '--yes', '--', '@tempograd/cli', ...args], {
      cwd: project,
      env,
    });
  }

  /** What was asked of the registry and is not there. */
  get missing() {
    return [...(this.#registry?.missing ?? [])];
  }

  async close() {
    await this.#registry?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #address() {
    if (this.#registry === undefined) throw new Error('pack() comes first.');
    return this.#registry.address;
  }

  /**
   * A module that imports all there is to import.
   *
   * @param {(name: string) => boolean} [wanted] of which packages; by default of all
   */
  #everything(wanted = () => true) {
    const entries = this.packages.flatMap(({ manifest: { name, exports: all = {} } }) => {
      const subpaths = Object.keys(all).filter((subpath) => subpath !== './package.json');
      return wanted(name) ? subpaths.map((subpath) => name + subpath.slice(1)) : [];
    });
    const possible = entries.filter((entry) => !needsMore.includes(entry));
    const imports = possible.map((entry, i) => `import * as entry${i} from '${entry}';\n`);
    return `${imports.join('')}export const everything = [${possible.map((_, i) => `entry${i}`).join(', ')}];\n`;
  }

  /**
   * @param {Manager} manager
   * @param {readonly string[]} args
   */
  #call(manager, args) {
    const { program, environment } = installers[manager];
    const env = { ...bareEnvironment(this.folder), ...environment(join(this.folder, manager), this.#address) };
    return run(program.command, [...program.args, ...args], { cwd: this.project(manager), env });
  }
}
