import { disposeTree, keep, key, scope, treeEntries, type Strategy } from '@tempograd/core';
import {
  CheckpointError,
  checkpointInfo,
  fit,
  generate,
  readModel,
  readTree,
  SafetensorsError,
  type SafetensorsFile,
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
  const { model, params, vocabulary } = readModel(file);
  try {
    if (vocabulary === undefined) throw new SafetensorsError('There is no vocabulary.');
    const prompt = vocabulary.decode([0]);
    for await (const _ of generate(model, params, { vocabulary, prompt, length: 2, key: key(1) }));
  } finally {
    disposeTree(params);
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
