import { Command } from 'commander';
import { exitCodes } from '../Failure.js';
import { whole } from './options.js';
import type { CheckOptions } from './runCheck.js';

/** `tempograd check`: the conformance suite on this machine. `finish` is told the exit code. */
export function checkCommand(finish: (exitCode: number) => void): Command {
  return new Command('check')
    .description('Prove on this machine that a backend computes values and gradients right: run the conformance suite.')
    .option(
      '-b, --backend <name...>',
      'backends to check; a module of your own as ./its-path.js (default: the fastest)',
    )
    .option('-a, --all', 'check every backend installed')
    .option('--op <name...>', 'only the cases of these ops, cells or strategies')
    .option('-s, --seed <n>', 'seed of all random numbers', whole(0), 1)
    .option('-r, --report <file>', 'write a report as .html, .md or .json; of several backends, one file each')
    .option('--json', 'print the reports as JSON, one line for each backend')
    .action(async (options: CheckOptions) => {
      // Loaded when it is needed: the suite is large.
      const { runCheck } = await import('./runCheck.js');
      finish((await runCheck(options)) ? exitCodes.ok : exitCodes.failure);
    });
}
