import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The built command: what its users run. */
const command = join(import.meta.dirname, '../../../packages/cli/dist/main.js');

/** When a run is killed. */
export interface KillMoment {
  /** How many lines it has told by then. */
  readonly lines: number;
  /** How long it goes on after the last of them; after its start, where there are none. */
  readonly milliseconds: number;
  /** Wait further, until a file is being written. */
  readonly inWrite: boolean;
}

/** What is known of a run of the command that has ended. */
export interface EndedRun {
  /** Null when it was killed. */
  readonly code: number | null;
  /** Whether a file was being written when it was killed. */
  readonly inWrite: boolean;
  /** The loss of each update that it told. */
  readonly losses: ReadonlyMap<number, number>;
  readonly stderr: string;
  /** How many lines it told. */
  readonly lines: number;
  /** How long it took to tell the first of them. */
  readonly millisecondsOfStart: number;
}

/** Runs `tempograd train --json` in a folder, and kills it at a moment, if it lasts so long. */
export async function runAndKill(
  folder: string,
  args: readonly string[],
  moment: KillMoment | null,
): Promise<EndedRun> {
  const begin = performance.now();
  const child = spawn(process.execPath, [command, 'train', '--json', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr, inWrite] = ['', '', false];
  /** When each line was told, after the start at 0. */
  const told = [begin];
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    stdout += piece;
    for (const sign of piece) if (sign === '\n') told.push(performance.now());
  });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr += piece));
  const timer =
    moment === null
      ? undefined
      : setInterval(() => {
          const since = told[moment.lines];
          if (since === undefined || performance.now() - since < moment.milliseconds) return;
          inWrite = readdirSync(folder).some((name) => name.endsWith('.unfinished'));
          if (inWrite || !moment.inWrite) child.kill('SIGKILL');
        }, 1);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  clearInterval(timer);
  return {
    code,
    inWrite: code === null && inWrite,
    losses: lossesIn(stdout),
    stderr,
    lines: told.length - 1,
    millisecondsOfStart: (told[1] ?? performance.now()) - begin,
  };
}

/** Of a killed run the last line may lack its end. */
function lossesIn(stdout: string): Map<number, number> {
  const losses = new Map<number, number>();
  for (const line of stdout.split('\n').slice(0, -1)) {
    const event = JSON.parse(line) as { event: string; update: number; bitsPerItem: number };
    if (event.event === 'progress') losses.set(event.update, event.bitsPerItem);
  }
  return losses;
}
