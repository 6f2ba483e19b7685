import { key, useBackend } from '@tempograd/core';
import { generate } from '@tempograd/nn';
import { Command } from 'commander';
import { openBackend } from '../backends/openBackend.js';
import { openModel } from '../model/modelFile.js';
import { writeJson } from '../present/writeJson.js';
import { noteUnknown, openingOf, promptFor } from '../text/prompt.js';
import { from0, whole } from './options.js';

interface SampleOptions {
  readonly prompt?: string;
  readonly length?: number;
  readonly temperature: number;
  readonly seed?: number;
  readonly backend?: string;
  readonly verify: boolean;
  readonly json?: boolean;
}

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
    .action(sample);
}

async function sample(file: string, options: SampleOptions): Promise<void> {
  const { backend } = await openBackend(options.backend);
  try {
    useBackend(backend);
    const { model, params, vocabulary } = await openModel(file, { verify: options.verify });
    const { temperature, length = vocabulary.kind === 'words' ? 100 : 500 } = options;
    const prompt = promptFor(vocabulary, options.prompt ?? '');
    noteUnknown(vocabulary, prompt);
    const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
    const written = generate(model, params, {
      vocabulary,
      prompt: prompt || openingOf(vocabulary),
      length,
      temperature,
      key: key(seed),
    });
    if (options.json === true) {
      let text = '';
      for await (const character of written) text += character;
      writeJson({ model: file, prompt, length, temperature, seed, backend: backend.name, text });
      return;
    }
    process.stdout.write(prompt);
    for await (const character of written) process.stdout.write(character);
    process.stdout.write('\n');
  } finally {
    backend.dispose?.();
  }
}
