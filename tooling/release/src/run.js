import { spawn } from 'node:child_process';

/** A program that the rehearsal started failed; the message has all that it wrote. */
export class RunFailed extends Error {}

/**
 * Runs a program to its end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<string>} what it wrote to its standard output
 * @throws {RunFailed} if it fails
 */
export function run(command, args, { cwd, env = process.env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Buffer[]} */
    const output = [];
    /** @type {Buffer[]} */
    const all = [];
    child.stdout.on('data', (chunk) => {
      output.push(chunk);
      all.push(chunk);
    });
    child.stderr.on('data', (chunk) => all.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(Buffer.concat(output).toString());
      const said = Buffer.concat(all).toString().trimEnd();
      reject(new RunFailed(`${[command, ...args].join(' ')} (in ${cwd}) ended with ${signal ?? code}:\n${said}`));
    });
  });
}
