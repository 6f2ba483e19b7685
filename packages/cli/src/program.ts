import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { checkCommand } from './commands/check.js';
import { inspectCommand } from './commands/inspect.js';
import { planCommand } from './commands/plan.js';
import { adviseCommand } from './commands/advise.js';
import { sampleCommand } from './commands/sample.js';
import { trainCommand } from './commands/train.js';
import { exitCodes, Failure, messageOf } from './Failure.js';
import { red, terminalWidth, wrap } from './present/format.js';
import { writeJson } from './present/writeJson.js';

const exitCodeHelp = `
Exit codes:
  0    done
  1    failed: a file that cannot be used, a check that does not pass
  2    the command line is wrong
  129  stopped since the terminal was closed (SIGHUP)
  130  stopped by Ctrl-C (SIGINT)
  141  stopped since nobody reads the output any more
  143  stopped by SIGTERM
A training that is stopped is saved first.`;

/** Runs the command with these arguments, and gives its exit code. */
export async function runProgram(args: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const finish = (code: number): void => {
    exitCode = code;
  };
  const program = new Command('tempograd')
    .description('Train recurrent models by backpropagation through time, write with them, and check backends.')
    .version(version())
    .helpCommand(false)
    .addHelpText('after', exitCodeHelp);
  const commands = [
    trainCommand(finish),
    sampleCommand(),
    inspectCommand(),
    adviseCommand(),
    planCommand(),
    checkCommand(finish),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .showSuggestionAfterError()
      .configureOutput({ outputError: (text, write) => write(red(text.replace(/^error: /, '')) + helpHint(command)) });
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return await report(error, args.includes('--json'));
  }
}

function helpHint(command: Command): string {
  const name = command.parent === null ? 'tempograd' : `tempograd ${command.name()}`;
  return `\`${name} --help\` lists what there is.\n`;
}

/** Tells the user what went wrong, and gives the exit code. */
async function report(error: unknown, json: boolean): Promise<number> {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  const exitCode = error instanceof Failure ? error.exitCode : exitCodes.failure;
  const message = messageOf(error);
  if (json) writeJson({ event: 'error', exitCode, message });
  // The library is loaded only where a command has loaded it, or something unforeseen happened.
  if (error instanceof Failure || error instanceof (await import('@tempograd/core')).TempogradError)
    console.error(red(process.stderr.isTTY ? wrap(message, terminalWidth()).join('\n') : message));
  else console.error('This is a fault of tempograd, please report it:\n', error);
  return exitCode;
}

function version(): string {
  return (createRequire(import.meta.url)('../package.json') as { version: string }).version;
}
