import { Command } from 'commander';
import { whole } from './options.js';
import type { InspectOptions } from './runInspect.js';

/** `tempograd inspect MODEL [TEXT]`: what a model's gradients look like on a text. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description(
      "Show how a model's gradients flow through time on a text, as a page that stands alone: how far back they reach, what truncation cuts off, gates, states.",
    )
    .argument('<model>', 'the safetensors file of a model that `tempograd train` has made')
    .argument('[text]', 'a text like the one it learnt from, in UTF-8 (default: the whole of Moby Dick)')
    .option('-o, --out <file>', 'where the page goes, .html (default: named after the model, in this folder)')
    .option('--steps <n>', 'how many steps back to look', whole(2), 150)
    .option('-b, --backend <name>', 'what to compute with (default: the fastest)')
    .option('--no-verify', 'use the model even though its checksum says that it is damaged')
    .option('--json', 'print all figures as one JSON object instead of a summary')
    .action(async (model: string, text: string | undefined, options: InspectOptions) => {
      // Loaded when it is needed: it draws, which no other command does.
      const { runInspect } = await import('./runInspect.js');
      await runInspect(model, text, options);
    });
}
