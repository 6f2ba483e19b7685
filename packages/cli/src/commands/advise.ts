import { Command, Option } from 'commander';
import { positive, size, stepsOrInfinity, whole } from './options.js';
import type { AdviseCommandOptions } from './runAdvise.js';
import { withTextOptions, withTrainingOptions } from './trainingOptions.js';

/** `tempograd advise`: which method, lengths, cell and initialisation to train with. */
export function adviseCommand(): Command {
  const command = withTextOptions(
    new Command('advise').description(
      'Advise which method to train with, how far back, and how to start, with reasons: from a description, or measured on a text.',
    ),
    'a text to measure on: how gradients fade, memory and speed, with the model below',
  )
    .addOption(
      new Option('--task <name>', 'what is learnt (default with --text: its unit)').choices([
        'characters',
        'words',
        'speech',
        'timeSeries',
        'video',
      ]),
    )
    .option('--length <steps>', 'steps of a sequence; inf for a stream without end', stepsOrInfinity)
    .option('--horizon <steps>', 'of a forecast: how far it must look back, such as a season', whole(1))
    .option('--dependency <steps>', 'how far back something lies that matters now', whole(1))
    .option('--any-order', 'the order of the steps hardly matters')
    .option('--memory <size>', 'what training may take, such as 500MB; with --text', size)
    .option('--share <part>', 'share of its gradient that a loss is to keep, with --text (default: 0.95)', positive)
    .option('--pilot <updates>', 'updates of training before it is measured, with --text (default: 300)', whole(0))
    .option('-b, --backend <name>', 'what to compute with (default: the fastest)')
    .option('--json', 'print one JSON object');
  return withTrainingOptions(command).action(async (options: AdviseCommandOptions) => {
    const { runAdvise } = await import('./runAdvise.js');
    await runAdvise(options);
  });
}
