import { Command } from 'commander';
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
    .option('-a, --all', 'check every backend installed, and compare them: errors of each op on each of them')
    .option('--op <name...>', 'only the cases of these ops, cells or strategies')
    .option('-s, --seed <n>', 'seed of all random numbers', whole(0), 1)
    .option(
      '-r, --report <file>',
      'write a report as .html, .md or .json; of several backends their comparison, and beside it one file each',
    )
    .option('--json', 'print JSON: a line for each backend, of several then one that compares them')
    .addHelpText(
      'after',
      `
Backends: wasm and js come with the command. The others are found where their
packages are installed, in this folder or beside the command; --all says what
to install:
  webgpu     webgpu, which is Dawn for Node; on Linux a Vulkan driver, too
  tfjs-cpu   @tempograd/backend-tfjs @tensorflow/tfjs-core and tfjs-backend-cpu
  tfjs-wasm  the same with tfjs-backend-wasm
  tfjs-node  the same with tfjs-node

It exits with 1 when a backend fails or does not start. One that is not
installed is listed, and is no failure.`,
    )
    .action(async (options: CheckOptions) => {
      // Loaded when it is needed: the suite is large.
      const { runCheck } = await import('./runCheck.js');
      finish(await runCheck(options));
    });
}
