import { StepFailed } from './step.js';

/**
 * Runs `start` or `test`.
 *
 * @param {string | undefined} command
 * @param {string[]} args what the user wrote after `--`
 * @returns {Promise<number>} the exit code
 */
export async function runCommand(command, args) {
  try {
    if (command === 'start') return await (await import('./start.js')).start(args);
    if (command === 'test') return await (await import('./test.js')).test(args);
    throw new StepFailed(`Unknown command "${command}". There are "start" and "test".`);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    console.error(error.message);
    return 1;
  }
}
