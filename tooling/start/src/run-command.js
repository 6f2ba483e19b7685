import { StepFailed } from './step.js';

/** The tasks of turbo that are commands by themselves. */
const tasks = ['build', 'types', 'lint'];

/** The apps that are programs of Node, and commands too. */
const apps = ['char-server', 'forecast'];

/**
 * Runs a command of the workspace, an app, or a task of turbo.
 *
 * @param {string} command
 * @param {string[]} args what the user wrote after `--`
 * @returns {Promise<number>} the exit code
 */
export async function runCommand(command, args) {
  // npm keeps the `--` for itself, and pnpm passes it on.
  const given = args[0] === '--' ? args.slice(1) : args;
  try {
    if (command === 'start') return await (await import('./start.js')).start(given);
    if (command === 'test') return await (await import('./test.js')).test(given);
    if (command === 'bench') return await (await import('./bench.js')).bench(given);
    if (command === 'experiment') return await (await import('./experiment.js')).experiment(given);
    if (command === 'attack') return await (await import('./attack.js')).attack(given);
    if (command === 'tune') return await (await import('./tune.js')).tune(given);
    if (command === 'docs') return await (await import('./docs.js')).docs();
    if (command === 'release') return await (await import('./release.js')).release(given);
    if (command === 'in') return await (await import('./in.js')).inFolder(given);
    if (command === 'tool') return await (await import('./tool.js')).tool(given);
    if (apps.includes(command)) return await (await import('./app.js')).app(command, given);
    if (tasks.includes(command)) return await (await import('./task.js')).task(command, given);
    throw new StepFailed(
      `Unknown command "${command}". There are start, test, bench, experiment, attack, tune, docs, release, in, tool, ${[...apps, ...tasks].join(', ')}.`,
    );
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    console.error(error.message);
    return 1;
  }
}
