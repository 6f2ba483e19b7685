import { disposeTree, foldInName, fullBptt, key } from '@tempograd/core';
import { accuracy, adam, cosineSchedule, fit, sequenceModel, sequences, type SequenceModelConfig } from '@tempograd/nn';
import { parameterCount } from '../parameterCount.js';
import type { Digits } from './digits.js';

/** How every cell is trained. */
export interface DigitSettings {
  readonly hidden: number;
  readonly batch: number;
  readonly epochs: number;
  /** Updates from one look at the test's pictures to the next. */
  readonly every: number;
  /** At the start; half a cosine brings it to 0. */
  readonly learningRate: number;
}

/** What became of a cell. */
export interface DigitReader {
  readonly cell: string;
  readonly order: 'by rows' | 'permuted';
  readonly parameters: number;
  /** `[update, share of the test's pictures that were told right]`. */
  readonly looks: readonly (readonly [number, number])[];
}

/** Trains a cell by full BPTT to tell at the last pixel which digit it saw; `onUpdate` is told the share of it that is done. */
export async function trainOnDigits(
  settings: Pick<SequenceModelConfig, 'cell' | 'initialisers'>,
  { training, test }: Digits,
  { hidden, batch, epochs, every, learningRate }: DigitSettings,
  seed: number,
  onUpdate: (share: number) => void,
): Promise<Omit<DigitReader, 'cell' | 'order'>> {
  const model = sequenceModel({ input: { features: 1 }, outputs: 10, loss: 'crossEntropy', hidden, ...settings });
  const params = model.init(foldInName(key(seed), 'start'));
  const data = sequences(training, { batch, shuffle: foldInName(key(seed), 'pictures'), classes: 10 });
  const held = sequences(test, { batch: 100, classes: 10 });
  const updates = epochs * Math.ceil(training.length / batch);
  const looks: [number, number][] = [];
  const run = fit({
    task: model,
    params,
    data,
    strategy: fullBptt(),
    optimiser: adam({ learningRate: cosineSchedule(learningRate, { steps: updates }) }),
    clip: { norm: 1 },
    epochs,
    evaluate: { data: held, every, metrics: { accuracy: accuracy() } },
  });
  for await (const { update, evaluation } of run) {
    onUpdate(update / updates);
    if (evaluation !== null) looks.push([update, evaluation.metrics.accuracy]);
  }
  disposeTree(params);
  return { parameters: parameterCount(model), looks };
}
