import { fit } from '@tempograd/nn';
import { charTraining, release } from '../training/training.js';

/** The losses of a training on a backend, as of `charTraining`; its parameters are gone afterwards. */
export async function lossesOf(...training: Parameters<typeof charTraining>): Promise<number[]> {
  const options = charTraining(...training);
  const losses: number[] = [];
  for await (const { loss } of fit(options)) losses.push(loss);
  release(options);
  return losses;
}
