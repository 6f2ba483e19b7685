import { Command } from 'commander';
import { positive, whole } from './options.js';
import type { TrainOptions } from './runTrain.js';
import { withTextOptions, withTrainingOptions } from './trainingOptions.js';

/** `tempograd train`: a model of a text. `finish` is told the exit code. */
export function trainCommand(finish: (exitCode: number) => void): Command {
  const command = withTextOptions(
    new Command('train').description(
      'Train a character or word model on a text by truncated backpropagation through time: on Moby Dick, or on a text of your own.',
    ),
  )
    .option('-o, --save <file>', 'where the model goes (default: named after the text, in this folder)')
    .option('-r, --resume', 'go on with a training that was stopped; or train a finished one for longer')
    .option('--no-verify', 'go on from a checkpoint even though its checksum says that it is damaged')
    .option(
      '-m, --minutes <n>',
      'about how long to train; the number of updates follows from the speed (default: 3)',
      positive,
    )
    .option('-u, --updates <n>', 'how many updates to train for, instead of minutes', whole(1))
    .option('-b, --backend <name>', 'what to compute with (default: wasm; webgpu on a GPU)')
    .option('--force', 'take the files from another training that seems to write to them')
    .option('--json', 'print one JSON object a line: plan, progress, milestones, done');
  return withTrainingOptions(command).action(async (options: TrainOptions) => {
    const { runTrain } = await import('./runTrain.js');
    finish(await runTrain(options));
  });
}
