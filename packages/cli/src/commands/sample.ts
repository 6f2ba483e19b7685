import { Command } from 'commander';
import { from0, whole } from './options.js';
import type { SampleOptions } from './runSample.js';

/** `tempograd sample MODEL`: writes text with a trained model. */
export function sampleCommand(): Command {
  return new Command('sample')
    .description('Write text with a model that `tempograd train` has made: characters, words or bytes one by one.')
    .argument('<model>', 'the safetensors file of a model')
    .option('-p, --prompt <text>', 'what to go on from (default: the beginning of a paragraph)')
    .option('-n, --length <n>', 'characters, words or bytes to write (default: 500; 100 words)', whole(1))
    .option(
      '-t, --temperature <t>',
      'below 1 surer and more alike, above 1 bolder; 0: always the likeliest',
      from0(),
      0.7,
    )
    .option('-s, --seed <n>', 'the same seed writes the same text (default: another each time)', whole(0))
    .option('-b, --backend <name>', 'what to compute with (default: the fastest)')
    .option('--no-verify', 'use the model even though its checksum says that it is damaged')
    .option('--json', 'print one JSON object with the text and all settings')
    .action(async (file: string, options: SampleOptions) => {
      const { runSample } = await import('./runSample.js');
      await runSample(file, options);
    });
}
