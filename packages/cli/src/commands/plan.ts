import { Command } from 'commander';
import { positive, whole } from './options.js';
import type { PlanOptions } from './runPlanning.js';
import { withTextOptions, withTrainingOptions } from './trainingOptions.js';

/** `tempograd plan`: what a training would take. */
export function planCommand(): Command {
  const command = withTextOptions(
    new Command('plan').description(
      'Tell what `tempograd train` with the same options would take, memory by what it is for and time, beside other lengths of truncation. Nothing is written.',
    ),
  )
    .option('-m, --minutes <n>', 'about how long it is to train (default: 3)', positive)
    .option('-u, --updates <n>', 'how many updates it is to train for, instead of minutes', whole(1))
    .option('-b, --backend <name>', 'what to compute with (default: the fastest)')
    .option('--no-measure', 'plan memory alone: run nothing to measure the speed')
    .option('--json', 'print one JSON object');
  return withTrainingOptions(command).action(async (options: PlanOptions) => {
    const { runPlanning } = await import('./runPlanning.js');
    await runPlanning(options);
  });
}
