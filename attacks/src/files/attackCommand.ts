import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../Random.js';
import type { FilesAttack, FilesFailure } from './attackFiles.js';
import { damageFile } from './damageFile.js';
import type { SoundFile } from './soundFiles.js';

/** What the command made of damaged files. */
export interface CommandReport {
  readonly files: number;
  /** By exit code. */
  readonly exits: Readonly<Record<string, number>>;
  readonly failures: readonly FilesFailure[];
}

/** Longest time that the command may take for a file of a few kilobytes, its start included. */
const mostMilliseconds = 60_000;

const text = 'how much wood would a woodchuck chuck if a woodchuck could chuck wood? '.repeat(20);

/**
 * Gives damaged models and checkpoints to the command line, whose `main` is a built module. Each must be used or refused with a
 * sentence: no stack, no fault of its own, no exit that is not in its help.
 * @throws Error where the command does not run at all.
 */
export async function attackCommand({
  seed,
  files,
  from = 0,
  main,
}: FilesAttack & { readonly main: string }): Promise<CommandReport> {
  const folder = await mkdtemp(join(tmpdir(), 'tempograd attack '));
  const run = (...args: string[]): Promise<Finished> => finish(main, folder, args);
  const train = ['train', '--text', 'text.txt', '--backend', 'js', '--hidden', '6', '--embedding', '4', '--steps', '8'];
  const exits: Record<string, number> = {};
  const failures: FilesFailure[] = [];
  try {
    await writeFile(join(folder, 'text.txt'), text);
    const made = await run(...train, '--updates', '4', '--save', 'sound.safetensors');
    if (made.code !== 0) throw new Error(`The command makes no sound files; build it first. ${made.error}`);
    const sound = [
      await soundFile(folder, 'sound.safetensors', 'model'),
      await soundFile(folder, 'sound.checkpoint.safetensors', 'checkpoint'),
    ];
    for (let file = from; file < from + files; file++) {
      const original = sound[file % 2] as SoundFile;
      const { bytes, damage } = damageFile(original, sound, new Random(Math.imul(seed, 0x9e3779b1) + file));
      await writeFile(join(folder, original.name.replace('sound', 'damaged')), bytes);
      const { code, error, milliseconds } =
        original.kind === 'model'
          ? await run('sample', 'damaged.safetensors', '--length', '3', '--backend', 'js')
          : await run('train', '--resume', '--text', 'text.txt', '--save', 'damaged.safetensors', '--updates', '1');
      exits[String(code)] = (exits[String(code)] ?? 0) + 1;
      const fault = faultOf(code, error, milliseconds);
      if (fault !== null) failures.push({ file, name: original.name, damage, fault });
    }
    return { files, exits, failures };
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Finished {
  readonly code: number | null;
  readonly error: string;
  readonly milliseconds: number;
}

function faultOf(code: number | null, error: string, milliseconds: number): string | null {
  if (code === null) return `was ended after ${Math.round(milliseconds)} ms`;
  if (/fault of tempograd|^\s+at .*:\d+:\d+/m.test(error) || ![0, 1, 2].includes(code))
    return `exit ${code}: ${error.slice(0, 1000)}`;
  return code !== 0 && error.trim() === '' ? `exit ${code} without a word` : null;
}

async function soundFile(folder: string, name: string, kind: SoundFile['kind']): Promise<SoundFile> {
  const bytes = new Uint8Array(await readFile(join(folder, name)));
  return { name, kind, bytes, signed: true, strategy: null };
}

function finish(main: string, cwd: string, args: readonly string[]): Promise<Finished> {
  const begin = performance.now();
  const env = { ...process.env, NO_COLOR: '1', NODE_PATH: '', npm_lifecycle_event: '' };
  const child = spawn(process.execPath, ['--max-old-space-size=512', main, ...args], {
    cwd,
    env,
    timeout: mostMilliseconds,
    killSignal: 'SIGKILL',
  });
  let error = '';
  child.stdin.end();
  child.stdout.resume();
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    error += piece;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, error, milliseconds: performance.now() - begin }));
  });
}
