import { predictor, SafetensorsError, type Predictor } from '@tempograd/nn';
import { loadModel } from '@tempograd/nn/node';
import { Refusal } from './Refusal.js';

/** A predictor that writes with the model in a file. @throws Refusal where there is none, or it cannot write. */
export async function openModel(file: string): Promise<Predictor> {
  try {
    const { model, params, vocabulary } = await loadModel(file);
    const predict = predictor(model, params, { vocabulary });
    // Says at the start what else the first client would be told.
    for await (const _ of predict.generate({ length: 1 }));
    return predict;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Refusal(`There is no model ${file}. \`npm start\` makes one; name another with --model.`, { cause });
    if (cause instanceof SafetensorsError) throw new Refusal(cause.message, { cause });
    throw cause;
  }
}
