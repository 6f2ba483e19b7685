import { spawn } from 'node:child_process';
import { root } from './workspace.js';

/** A step of the start-up failed; the message is for the user. */
export class StepFailed extends Error {}

const networkTrouble =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_PNPM_NO_OFFLINE|META_FETCH_FAIL|ERR_SOCKET_TIMEOUT/;

/**
 * Runs a command quietly: one line that names the step and its time, and all the command wrote if it fails.
 *
 * @param {string} title what the step does
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, shell?: boolean }} [options]
 * @throws {StepFailed} if the command fails; it says so if the network seems to be why
 */
export async function step(title, command, args, { env = process.env, shell = false } = {}) {
  process.stderr.write(`${title} … `);
  const began = performance.now();
  const { code, output } = await capture(command, args, { env, shell });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stderr.write(code === 0 ? `${seconds} s\n` : `failed after ${seconds} s\n`);
  if (code === 0) return;
  const hint = networkTrouble.test(output)
    ? '\nThe network could not be reached. The first run downloads what it needs; later ones work without a network.'
    : '';
  throw new StepFailed(`${output.trimEnd()}\n\n${title} failed (exit code ${code}).${hint}`);
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env: NodeJS.ProcessEnv, shell: boolean }} options
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function capture(command, args, { env, shell }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString() }));
  });
}
