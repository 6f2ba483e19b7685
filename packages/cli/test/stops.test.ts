import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { quick, testFolder } from './support/folder.js';
import { built, eventsIn, tempograd } from './support/tempograd.js';

const folder = testFolder();
const onPosix = process.platform !== 'win32';
/** The program that makes a terminal: of util-linux, whose options are not those of other systems. */
const canMakeTerminal = process.platform === 'linux' && existsSync('/usr/bin/script');

const endless = [...quick, '--updates', '1000000'];
const has = (name: string): boolean => existsSync(join(folder.path, name));

/** Calls `then` once, when the text was seen. */
function when(text: string, then: (child: ChildProcess) => void): (stdout: string, child: ChildProcess) => void {
  let seen = false;
  return (stdout, child) => {
    if (seen || !stdout.includes(text)) return;
    seen = true;
    then(child);
  };
}

describe.runIf(onPosix)('a training is kept', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('on %s, also when it comes twice, and the exit code tells', async (signal, expected) => {
    const { code, stdout, stderr } = await tempograd(
      folder.path,
      [...endless, '--json', '--save', `${signal}.safetensors`],
      when('"update":3,', (child) => {
        child.kill(signal);
        child.kill(signal);
        setTimeout(() => child.kill(signal), 20);
      }),
    );
    expect({ code, stderr }).toEqual({ code: expected, stderr: '' });
    expect(eventsIn(stdout).at(-1)).toMatchObject({ event: 'stopped', checkpoint: `${signal}.checkpoint.safetensors` });
    expect(readdirSync(folder.path).filter((name) => name.startsWith(signal))).toEqual([
      `${signal}.checkpoint.safetensors`,
    ]);
  });

  test('when nobody reads its output any more, and it says so', async () => {
    const { code, stderr } = await tempograd(
      folder.path,
      [...endless, '--json', '--save', 'unread.safetensors'],
      when('"update":3,', (child) => child.stdout?.destroy()),
    );
    expect(code).toBe(141);
    expect(stderr).toMatch(/Stopped after \d.* kept in\s+unread\.checkpoint\.safetensors\nGo on.*\n\n.*train --resume/);
    expect(has('unread.checkpoint.safetensors')).toBe(true);
  });

  test.runIf(canMakeTerminal)('when its terminal is closed', async () => {
    const command = [process.execPath, built, ...endless, '--save', 'terminal.safetensors'];
    const terminal = spawn('script', ['-qec', `exec ${command.map((each) => `'${each}'`).join(' ')}`, '/dev/null'], {
      cwd: folder.path,
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, SHELL: '/bin/sh' },
    });
    let shown = '';
    for await (const piece of terminal.stdout) {
      shown += String(piece);
      if (shown.includes('bits/char')) break;
    }
    expect(has('terminal.checkpoint.safetensors')).toBe(false);
    terminal.kill('SIGKILL');
    while (has('terminal.checkpoint.safetensors.lock')) await sleep(50);
    expect(has('terminal.checkpoint.safetensors')).toBe(true);
  });
});

describe.runIf(onPosix)('signals', () => {
  /** Starts the program, sends it signals with pauses before them, and gives what it heard. */
  async function heard(...signals: [pause: number, signal: NodeJS.Signals][]): Promise<[string, number | null]> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'programs/stop.js')]);
    let lines = '';
    child.stdout.on('data', (piece) => (lines += String(piece)));
    await once(child.stdout, 'data');
    for (const [pause, signal] of signals) {
      await sleep(pause);
      child.kill(signal);
    }
    const [code] = (await once(child, 'close')) as [number | null];
    return [lines.trim().replaceAll('\n', ' '), code];
  }

  test('that follow one another soon are one, and a later one ends the process at once', async () => {
    const several: [number, NodeJS.Signals][] = [
      [0, 'SIGINT'],
      [300, 'SIGTERM'],
      [300, 'SIGINT'],
    ];
    expect(await heard(...several)).toEqual(['ready first', 130]);
    expect(await heard([0, 'SIGTERM'], [1400, 'SIGINT'])).toEqual(['ready first second', 143]);
  });

  test('of a terminal that closes are never a second one', async () => {
    expect(await heard([0, 'SIGINT'], [1400, 'SIGHUP'])).toEqual(['ready first', 130]);
  });
});

describe('a place that cannot be written any more', () => {
  const place = (name: string): string => join(folder.path, name);
  const run = [...quick, '--updates', '400', '--json', '--save'];

  /** Puts a file where the folder was. */
  function block(name: string): void {
    renameSync(place(name), place(`${name} away`));
    writeFileSync(place(name), '');
  }

  test('is told, and written to again when it can be', async () => {
    mkdirSync(place('back'));
    const [blocked, freed] = [
      when('"update":20,', () => block('back')),
      when('"unsaved"', () => {
        rmSync(place('back'));
        renameSync(place('back away'), place('back'));
      }),
    ];
    const { code, stdout, stderr } = await tempograd(folder.path, [...run, 'back/m.safetensors'], (out, child) => {
      blocked(out, child);
      freed(out, child);
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const events = eventsIn(stdout);
    const unsaved = events.find(({ event }) => event === 'unsaved');
    const update = Number(unsaved?.['update']);
    expect(unsaved).toEqual({
      event: 'unsaved',
      update,
      checkpoint: 'back/m.checkpoint.safetensors',
      reason: 'there can be no file in back',
      kept: update === 50 ? null : update - 50,
      again: false,
    });
    expect(events.find(({ message }) => /written again, after update \d+/.test(String(message)))).toBeDefined();
    expect(readdirSync(place('back')).sort()).toEqual(['m.checkpoint.safetensors', 'm.safetensors']);
  });

  test('does not end the training, but it ends with an error that says what is whole', async () => {
    mkdirSync(place('lost'));
    const { code, stdout, stderr } = await tempograd(
      folder.path,
      [...run, 'lost/m.safetensors'],
      when('"update":60,', () => block('lost')),
    );
    expect(code).toBe(1);
    expect(eventsIn(stdout).filter(({ event }) => event === 'progress')).toHaveLength(400);
    expect(eventsIn(stdout).filter(({ event }) => event === 'unsaved').length).toBeGreaterThan(1);
    expect(stderr).toMatch(
      /complete after update 400, but the model could not be written to lost\/m\.safetensors: there can be no file in lost\. There is no whole checkpoint/,
    );
    expect(stderr).not.toMatch(/fault of tempograd| at .*\.js:\d+/);
  });

  test('is a loss that a stopped training ends with too', async () => {
    mkdirSync(place('stopped'));
    const { code, stderr } = await tempograd(
      folder.path,
      [...endless, '--json', '--save', 'stopped/m.safetensors'],
      when('"update":20,', (child) => {
        block('stopped');
        child.kill('SIGINT');
      }),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Stopped after update \d+, but stopped\/m\.checkpoint\.safetensors could not be written/);
  });

  test('is made anew when it was deleted', async () => {
    const { code } = await tempograd(
      folder.path,
      [...run, 'deleted/m.safetensors'],
      when('"update":60,', () => rmSync(place('deleted'), { recursive: true })),
    );
    expect(code).toBe(0);
    expect(readdirSync(place('deleted')).sort()).toEqual(['m.checkpoint.safetensors', 'm.safetensors']);
  });

  test.runIf(onPosix)('is found at the start where it has no room for a checkpoint', async () => {
    const limited = spawn('sh', ['-c', 'ulimit -f 8 && exec "$@"', 'sh', process.execPath, built, ...endless], {
      cwd: folder.path,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    limited.stderr.on('data', (piece) => (stderr += String(piece)));
    expect(await once(limited, 'close')).toEqual([1, null]);
    expect(stderr).toMatch(
      /rhyme\.checkpoint\.safetensors cannot be written: files may not be so large there\. A checkpoint takes \d+\.\d kB/,
    );
  });
});

test('a second training into the same files is refused while the first lives, unless it is forced', async () => {
  const files = ['--save', 'held.safetensors'];
  let first: ChildProcess | undefined;
  const running = tempograd(folder.path, [...endless, ...files], (_, child) => (first = child));
  while (!has('held.checkpoint.safetensors.lock')) await sleep(50);
  const second = await tempograd(folder.path, [...quick, ...files, '--updates', '2']);
  expect(second.code).toBe(1);
  expect(second.stderr).toContain(
    `Another training writes to held.checkpoint.safetensors: process ${first?.pid} on ${hostname()}, since 20`,
  );
  expect(second.stderr).toContain('--force');
  expect((await tempograd(folder.path, [...quick, ...files, '--updates', '2', '--force'])).code).toBe(0);
  first?.kill('SIGKILL');
  await running;
});
