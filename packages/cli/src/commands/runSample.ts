import { key, useBackend } from '@tempograd/core';
import { generate } from '@tempograd/nn';
import { openBackend } from '../backends/openBackend.js';
import { openModel } from '../model/modelFile.js';
import { writeJson } from '../present/writeJson.js';
import { noteUnknown, openingOf, promptFor } from '../text/prompt.js';

/** What `sample` is told. */
export interface SampleOptions {
  readonly prompt?: string;
  readonly length?: number;
  readonly temperature: number;
  readonly seed?: number;
  readonly backend?: string;
  readonly verify: boolean;
  readonly json?: boolean;
}

/** Writes text with a model. */
export async function runSample(file: string, options: SampleOptions): Promise<void> {
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
