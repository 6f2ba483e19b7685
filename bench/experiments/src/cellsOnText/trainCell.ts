import { disposeTree, foldInName, key, truncatedBptt } from '@tempograd/core';
import { adam, charModel, contiguousStreams, cosineSchedule, evaluate, fit, type CharModelConfig } from '@tempograd/nn';
import { parameterCount } from '../parameterCount.js';
import type { HeldOutText } from './HeldOutText.js';

/** How every cell is trained. */
export interface TextSettings {
  readonly embedding: number;
  readonly batch: number;
  /** Steps of a chunk, from one update to the next and back. */
  readonly steps: number;
  readonly updates: number;
  /** Updates from one look at the held-out text to the next. */
  readonly every: number;
  /** At the start; half a cosine brings it to 0. */
  readonly learningRate: number;
}

/** A look at the held-out text. */
export interface Look {
  readonly update: number;
  /** Processor time of the training up to it, that of looking left out. */
  readonly seconds: number;
  /** Nats a character. */
  readonly heldOut: number;
}

/** What became of a cell. */
export interface TrainedCell {
  readonly cell: string;
  readonly hidden: number;
  readonly parameters: number;
  readonly looks: readonly Look[];
}

/** Trains a model by truncated BPTT and looks at the held-out text on the way; `onUpdate` is told of each update. */
export async function trainCell(
  config: CharModelConfig & { readonly cell: string },
  { training, heldOut, vocabulary }: HeldOutText,
  { batch, steps, updates, every, learningRate }: TextSettings,
  seed: number,
  onUpdate: (update: number) => void,
): Promise<TrainedCell> {
  const model = charModel(config);
  const params = model.init(foldInName(key(seed), 'start'));
  const held = contiguousStreams(heldOut, { vocabulary, batch: 8, steps: 256 });
  const looks: Look[] = [];
  const run = fit({
    task: model,
    params,
    data: contiguousStreams(training, { vocabulary, batch, steps }),
    strategy: truncatedBptt({ updateEvery: steps }),
    optimiser: adam({ learningRate: cosineSchedule(learningRate, { steps: updates }) }),
    clip: { norm: 1 },
    updates,
  });
  let [seconds, since] = [0, processorSeconds()];
  for await (const { update } of run) {
    onUpdate(update);
    if (update % every !== 0 && update !== updates) continue;
    seconds += processorSeconds() - since;
    const { loss } = await evaluate({ task: model, params, data: held });
    looks.push({ update, seconds, heldOut: loss });
    since = processorSeconds();
  }
  disposeTree(params);
  return { cell: config.cell, hidden: config.hidden, parameters: parameterCount(model), looks };
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
