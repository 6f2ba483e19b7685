import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { isatty } from 'node:tty';

/** @type {NodeJS.Signals[]} */
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Signals that come closer together than this are one: npm passes on what the process group has had already. */
const sameSignalWithinMs = 2000;

/** What started this process: npm, through a shell. */
const parent = process.ppid;

/**
 * Runs a program with this process's input and output, and gives back its exit code.
 *
 * A signal reaches the program once. A terminal sends Ctrl-C to all of its foreground processes, the program
 * included, so it is not sent again; without a terminal the program has a process group of its own, and only this
 * process passes signals to it. npm sends a signal to a shell, which may die of it without a word to this process: a
 * parent that is gone is therefore an interrupt too.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>}
 */
export function runChild(command, args, { cwd, env } = {}) {
  const onTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: 'inherit',
    detached: !onTerminal && process.platform !== 'win32',
  });

  let lastSignal = '';
  let lastTime = -Infinity;
  /** @param {NodeJS.Signals} signal */
  const passOn = (signal) => {
    const repeated = signal === lastSignal && performance.now() - lastTime < sameSignalWithinMs;
    lastSignal = signal;
    lastTime = performance.now();
    if (repeated || (onTerminal && signal !== 'SIGTERM')) return;
    child.kill(signal);
  };
  for (const signal of stopSignals) process.on(signal, passOn);

  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    if (lastSignal === '') child.kill('SIGINT');
  }, 200);

  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(watch);
      for (const each of stopSignals) process.off(each, passOn);
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}
