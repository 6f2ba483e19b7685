import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runChild } from '../src/run-child.js';

const script = join(import.meta.dirname, 'programs/run-report-signals.js');

/** Starts the script, sends signals when it is ready, and gives what it wrote and its exit code. */
function signalled(
  send: (child: ChildProcess) => void,
  onTerminal: boolean,
): Promise<{ lines: string[]; code: number | null }> {
  // `script` gives the program a terminal, in which all its processes are one foreground group. It starts the user's
  // shell, and some shells stay between and die of Ctrl-C: hence a shell of one's choice, and `exec`.
  const child = onTerminal
    ? spawn('script', ['-qec', `exec "${process.execPath}" "${script}"`, '/dev/null'], {
        stdio: ['pipe', 'pipe', 'ignore'],
        env: { ...process.env, SHELL: '/bin/sh' },
      })
    : spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    if (output === '') setTimeout(() => send(child), 100);
    output += chunk.toString();
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ lines: output.trim().split(/\s+/), code }));
  });
}

const onPosix = process.platform !== 'win32';
/** The program that makes a terminal: of util-linux, whose options are not those of other systems. */
const canMakeTerminal = process.platform === 'linux' && existsSync('/usr/bin/script');

test.runIf(onPosix)('a signal to this process reaches the program once, and its exit code comes back', async () => {
  const { lines, code } = await signalled((child) => child.kill('SIGINT'), false);
  expect(lines).toEqual(['ready', 'SIGINT']);
  expect(code).toBe(7);
});

test.runIf(onPosix)('a signal to the whole group, passed on by npm too, reaches the program once', async () => {
  const { lines, code } = await signalled((child) => {
    process.kill(-(child.pid ?? 0), 'SIGTERM');
    setTimeout(() => child.kill('SIGTERM'), 20);
  }, false);
  expect(lines).toEqual(['ready', 'SIGTERM']);
  expect(code).toBe(7);
});

test.runIf(onPosix)(
  'a shell between npm and this process that dies of a signal interrupts the program once',
  async () => {
    const shell = spawn('sh', ['-c', `"${process.execPath}" "${script}"; true`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    shell.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output === 'ready\n') shell.kill('SIGTERM');
    });
    await new Promise((resolve) => shell.on('close', resolve));
    expect(output).toBe('ready\nSIGINT\n');
  },
);

test.runIf(canMakeTerminal)('Ctrl-C in a terminal reaches the program once', async () => {
  const { lines, code } = await signalled((child) => child.stdin?.write('\u0003'), true);
  expect(lines.filter((line) => line.endsWith('SIGINT'))).toHaveLength(1);
  expect(code).toBe(7);
});

test('the exit code of a program is given back', async () => {
  expect(await runChild(process.execPath, ['-e', 'process.exit(5)'])).toBe(5);
});

test.runIf(onPosix)('a program killed by a signal has the exit code that shells give it', async () => {
  expect(await runChild(process.execPath, ['-e', 'process.kill(process.pid, "SIGKILL")'])).toBe(137);
});
