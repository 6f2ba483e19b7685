import {
  disposeTree,
  foldInName,
  keep,
  key as keyOf,
  scope,
  truncatedBptt,
  type TruncatedBpttOptions,
} from '@tempograd/core';
import { planMemory, type MemoryPlan } from '@tempograd/nn';
import { trainingData } from '../training/corpus.js';
import { measureSpeed } from '../training/measureSpeed.js';
import { optimiserOf } from '../training/phases.js';
import type { PreparedModel } from '../training/prepareModel.js';
import { gradientOptions } from '../training/runPlan.js';

/** One way to train, and what it takes. */
export interface ComparedPlan {
  /** Of `truncatedBptt`. */
  readonly strategy: TruncatedBpttOptions;
  readonly memory: MemoryPlan;
  /** Items a second, measured; null where it was not. */
  readonly speed: number | null;
}

/** Seconds for which the speed of each is measured. */
const seconds = 0.4;

/** A chunk for checkpoints is so many times as long. */
const longer = 16;

/** The lengths to compare for chunks of `steps`, which come first: shorter and longer ones, windows that overlap, and long ones with and without checkpoints. */
export function lengthsToCompare(steps: number, most: number): TruncatedBpttOptions[] {
  const half = Math.ceil(steps / 2);
  const long = Math.min(longer * steps, most);
  const all: TruncatedBpttOptions[] = [
    { updateEvery: steps, backwardSteps: steps },
    { updateEvery: half, backwardSteps: half },
    { updateEvery: 2 * steps, backwardSteps: 2 * steps },
    { updateEvery: half, backwardSteps: 2 * half },
    { updateEvery: steps, backwardSteps: 2 * steps },
    { updateEvery: long, backwardSteps: long },
    { updateEvery: long, backwardSteps: long, checkpoints: {} },
  ];
  const seen = new Set<string>();
  return all.filter((each) => {
    const name = JSON.stringify(each);
    return each.updateEvery <= most && !seen.has(name) && seen.add(name);
  });
}

/** Plans the memory of each, and measures its speed; `onPart` is told which. */
export async function comparePlans(
  { backend, corpus, settings, model, params }: PreparedModel,
  all: readonly TruncatedBpttOptions[],
  measures: boolean,
  onPart: (part: string) => void,
): Promise<ComparedPlan[]> {
  const { batch, learningRate, seed } = settings;
  const optimiser = optimiserOf([{ updates: 100_000, learningRate }], settings);
  const key = foldInName(keyOf(seed), 'speed');
  const compared: ComparedPlan[] = [];
  for (const [index, options] of all.entries()) {
    const strategy = truncatedBptt(options);
    const { updateEvery: time } = options;
    const gradients = gradientOptions(settings);
    const memory = planMemory(model, params, { time, batch, strategy, optimiser, ...gradients, backend });
    let speed: number | null = null;
    if (measures) {
      onPart(`measuring the speed, ${index + 1} of ${all.length}`);
      const copy = scope(() => keep(model.init(key)));
      try {
        const data = trainingData(corpus, batch, time);
        const training = { task: model, params: copy, data, strategy, optimiser, clip: gradients.clip, key };
        speed = batch * time * (await measureSpeed(training, seconds));
      } finally {
        disposeTree(copy);
      }
    }
    compared.push({ strategy: options, memory, speed });
  }
  return compared;
}
