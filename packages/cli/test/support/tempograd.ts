import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';

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

/** Runs the built command, or another `main`, in a folder; `onOutput` sees all that was written so far, and may send signals. */
export function tempograd(
  cwd: string,
  args: readonly string[],
  onOutput: (stdout: string, child: ChildProcessWithoutNullStreams) => void = () => {},
  main: string = built,
): Promise<Finished> {
  // pnpm's own start-up script makes all packages of the workspace visible.
  const env = { ...process.env, NODE_PATH: '', NO_COLOR: '1', npm_lifecycle_event: '' };
  const child = spawn(process.execPath, [main, ...args], { cwd, env });
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
    .map(({ update, bitsPerCharacter }) => [update, bitsPerCharacter]);
}
