import { Option, type Command } from 'commander';
import { from0, positive, whole } from './options.js';

/** Adds what says which text is read, and how. */
export function withTextOptions(
  command: Command,
  ofText = 'a text in UTF-8 (default: the whole of Moby Dick)',
): Command {
  return command
    .option('-t, --text <file>', ofText)
    .addOption(
      new Option('--unit <name>', 'what the model reads and writes one after the other (default: characters)').choices([
        'characters',
        'words',
        'bytes',
      ]),
    )
    .option('--vocabulary <n>', 'words to know, at most; others are unknown (default: 5000)', whole(5));
}

/** Adds what a model and its training are made of. */
export function withTrainingOptions(command: Command): Command {
  return command
    .optionsGroup('Model:')
    .addOption(new Option('--cell <name>', 'kind of recurrence').choices(['lstm', 'gru', 'rnnTanh', 'rnnRelu']))
    .option('--hidden <n>', "size of each layer's state", whole(1))
    .option('--layers <n>', 'recurrent layers', whole(1))
    .option('--embedding <n>', 'size of the vector that stands for a character, word or byte', whole(1))
    .option('--dropout <rate>', 'share of numbers zeroed between layers in training', from0(1))
    .optionsGroup('Training (defaults depend on the backend, and are shown):')
    .option('--batch <n>', 'streams of the text side by side', whole(1))
    .option('--steps <n>', 'steps of a chunk: from update to update, and back', whole(1))
    .option('--learning-rate <rate>', 'the highest', positive)
    .option('--weight-decay <rate>', 'what parameters shrink by, times the learning rate, in an update', from0())
    .option('--clip <norm>', 'greatest norm of a gradient', positive)
    .option('--seed <n>', 'the same seed trains the same model', whole(0));
}
