import { fork, spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** The built command. */
export const built: string = join(import.meta.dirname, '../../dist/main.js');

/** What a run of the command left. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A line of `--json`. */
export type Event = { readonly event: string } & Record<string, unknown>;

// pnpm's own start-up script makes all packages of the workspace visible.
const env = { ...process.env, NODE_PATH: '', NO_COLOR: '1', npm_lifecycle_event: '' };

/** Runs the built command, or another `main`, in a folder; `onOutput` sees all that was written so far, and may send signals; `more` are variables of its environment. */
export function tempograd(
  cwd: string,
  args: readonly string[],
  onOutput: (stdout: string, child: ChildProcessWithoutNullStreams) => void = () => {},
  main: string = built,
  more: NodeJS.ProcessEnv = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [main, ...args], { cwd, env: { ...env, ...more } });
  child.stdin.end();
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    stdout += piece;
    onOutput(stdout, child);
  });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    stderr += piece;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/**
 * Runs the built command in a folder too, all runs of a test file one after the other in one process: to start one takes longer
 * than most commands. For runs that get no signal, and of which no memory is measured.
 */
export function tempogradInOne(folder: { readonly path: string }): (args: readonly string[]) => Promise<Finished> {
  let child: ChildProcess | undefined;
  afterAll(() => child?.connected && child.disconnect());
  return async (args) => {
    child ??= fork(join(import.meta.dirname, '../programs/several.js'), { cwd: folder.path, env, execArgv: [] });
    const stop = new AbortController();
    const answer = once(child, 'message', stop) as Promise<[Finished]>;
    const end = once(child, 'exit', stop).then(([code]) => {
      throw new Error(`\`tempograd ${args.join(' ')}\` ended its process, with exit code ${String(code)}`);
    });
    child.send(args);
    try {
      const [finished] = await Promise.race([answer, end]);
      return finished;
    } finally {
      stop.abort();
      await Promise.allSettled([answer, end]);
    }
  };
}

/** The lines of `--json`. */
export function eventsIn(stdout: string): Event[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);
}

/** The loss of each update, in full precision. */
export function lossesIn(stdout: string): [update: unknown, loss: unknown][] {
  return eventsIn(stdout)
    .filter(({ event }) => event === 'progress')
    .map(({ update, bitsPerItem }) => [update, bitsPerItem]);
}
