import { disposeTree, keep, key, scope, treeEntries, type Strategy } from '@tempograd/core';
import {
  CheckpointError,
  checkpointInfo,
  fit,
  generate,
  readTree,
  SafetensorsError,
  storedModel,
  vocabularyFromJson,
  type SafetensorsFile,
  type VocabularyJson,
} from '@tempograd/nn';
import { trainingWith, type SoundFile } from './soundFiles.js';

/**
 * Makes of a file what it is for: a model that writes, or a run that goes on by one update. Gives what went wrong beside.
 * @throws what the library throws where the file is refused, with everything disposed of.
 */
export async function loadFile({ kind, strategy }: SoundFile, file: SafetensorsFile): Promise<string[]> {
  if (kind === 'model') await write(file);
  return kind === 'checkpoint' ? goOn(strategy as Strategy, file) : [];
}

async function write(file: SafetensorsFile): Promise<void> {
  const { model, params } = storedModel(file);
  try {
    const vocabulary = vocabularyFromJson(parsed(file.metadata['vocabulary']) as VocabularyJson);
    const prompt = vocabulary.decode([0]);
    if (!('vocabulary' in model.config.input) || model.config.input.vocabulary !== vocabulary.size)
      throw new SafetensorsError('The vocabulary is another.');
    for await (const _ of generate(model, params, { vocabulary, prompt, length: 2, key: key(1) }));
  } finally {
    disposeTree(params);
  }
}

/** What a program does with a text that may be no JSON. */
function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch (cause) {
    throw new SafetensorsError('The vocabulary is no JSON.', { cause });
  }
}

async function goOn(strategy: Strategy, resume: SafetensorsFile): Promise<string[]> {
  const { update } = checkpointInfo(resume);
  const training = trainingWith(strategy);
  const params = scope(() => keep(training.task.init(key(9))));
  try {
    const before = await readTree(params);
    try {
      for await (const _ of fit({ ...training, params, resume, updates: update + 1 }));
    } catch (error) {
      const refused = error instanceof CheckpointError || error instanceof SafetensorsError;
      const unchanged = treeEntries(params).every(([path, leaf]) => {
        const values = leaf.readSync();
        return values.every((value: number, index: number) => Object.is(value, before.get(path)?.data[index]));
      });
      if (refused && !unchanged) throw new Error(`refused with parameters changed: ${error.message}`, { cause: error });
      throw error;
    }
    return [];
  } finally {
    disposeTree(params);
  }
}
