import { createBackend as js } from '@tempograd/backend-js';
import { createBackend as wasm } from '@tempograd/backend-wasm';
import { createBackend as webgpu } from '@tempograd/backend-webgpu';
import {
  adaptiveTruncation,
  artbp,
  checkpointedBptt,
  fullBptt,
  randomTelescoping,
  truncatedBptt,
  type StateStore,
  type StoredArray,
} from '@tempograd/core';
import type { Backend } from '@tempograd/core/backend';
import { adam, sgd, type SequenceModelConfig } from '@tempograd/nn';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { planAndMeasure, type Both, type PlannedTraining } from './support/planAndMeasure.js';

const text = (rest: object = {}): SequenceModelConfig => ({
  input: { vocabulary: 30, embedding: 8 },
  hidden: 16,
  outputs: 30,
  ...rest,
});
const series = (rest: object = {}): SequenceModelConfig => ({
  input: { features: 1 },
  hidden: 16,
  outputs: 1,
  ...rest,
});
const optimiser = adam({ learningRate: 1e-3 });
const chunks = { time: 20, batch: 8, strategy: truncatedBptt({ updateEvery: 20 }), optimiser, stretches: 3 };
const windows = (
  settings: object,
): Pick<PlannedTraining, 'time' | 'batch' | 'strategy' | 'optimiser' | 'stretches'> => ({
  time: 10,
  batch: 4,
  optimiser,
  stretches: 8,
  strategy: truncatedBptt({
    updateEvery: 10,
    ...settings,
  }),
});

const everywhere: Record<string, PlannedTraining> = {
  'chunks of an LSTM': { model: text(), ...chunks },
  'chunks of two GRUs with dropout, clipped': {
    model: text({ cell: 'gru', layers: 2, dropout: 0.2 }),
    ...chunks,
    clip: { norm: 1 },
  },
  'windows that overlap': { model: text(), ...windows({ backwardSteps: 35 }) },
  'windows shorter than an interval': { model: text(), ...windows({ backwardSteps: 3 }) },
  'whole sequences with a mask': {
    model: series(),
    ...chunks,
    time: 50,
    strategy: fullBptt(),
    mask: true,
    stretches: 1,
  },
};
function storeInMap(): StateStore {
  const states = new Map<string, readonly StoredArray[]>();
  return {
    put: (name, state) => void states.set(name, state),
    get: (name) => states.get(name) as readonly StoredArray[],
    delete: (name) => void states.delete(name),
  };
}

const whole = { model: text(), ...chunks, time: 60, stretches: 1 };
const checkpointed: Record<string, PlannedTraining> = {
  'about √T segments': { ...whole, strategy: checkpointedBptt() },
  'a budget in slots': { ...whole, strategy: checkpointedBptt({ slots: 4, states: 'internal', segment: 5 }) },
  'a budget in bytes': { ...whole, strategy: checkpointedBptt({ bytes: 150_000 }) },
  'a slower store': { ...whole, strategy: checkpointedBptt({ slots: 3, segment: 4, slow: { store: storeInMap() } }) },
  'long windows within bytes': {
    model: text(),
    ...windows({ backwardSteps: 60, checkpoints: { bytes: 120_000 } }),
    stretches: 12,
  },
};
const { 'a budget in bytes': inBytes, 'long windows within bytes': longInBytes, 'a slower store': slow } = checkpointed;
const budgets = { 'a budget in bytes': inBytes, 'long windows within bytes': longInBytes } as Record<
  string,
  PlannedTraining
>;
/** It needs a backend that can be read at once. */
const slower = { 'a slower store': slow } as Record<string, PlannedTraining>;
/** It reads gradients at once. */
const adaptive: Record<string, PlannedTraining> = {
  'as far back as a bound asks for, and all that is looked at on the way': {
    model: text(),
    ...windows({}),
    strategy: adaptiveTruncation({ updateEvery: 10, maxLength: 40, tolerance: 1e-12 }),
    stretches: 10,
  },
};
const drawn: Record<string, PlannedTraining> = {
  'how gradients are doing': { model: text(), ...chunks, health: { every: 1 } },
  'cuts at random': {
    model: text(),
    ...windows({}),
    strategy: artbp({ updateEvery: 10, meanLength: 20, segment: 10 }),
    stretches: 100,
    sequences: 1,
  },
  'lengths at random': {
    model: text(),
    ...windows({}),
    strategy: randomTelescoping({ updateEvery: 10, meanLength: 20 }),
    stretches: 100,
    sequences: 1,
  },
};
const others: Record<string, PlannedTraining> = {
  'windows that are run again': { model: text(), ...windows({ backwardSteps: 25, staleness: 'recompute' }) },
  'last losses alone': { model: text(), ...windows({ lossScope: 'last' }) },
  'more parameters than steps, plain descent': {
    model: text({
      hidden: 48,
      layerNorm: true,
    }),
    ...chunks,
    time: 4,
    batch: 2,
    strategy: truncatedBptt({ updateEvery: 4 }),
    optimiser: sgd({ learningRate: 0.01 }),
  },
  'an average, and the best of what is evaluated': {
    model: text(),
    ...chunks,
    decay: 0.9,
    earlyStopping: { patience: 3 },
    evaluates: true,
  },
  'the best of the steps, gradients that add up, noise on weights': {
    model: text({
      cell: 'rnnTanh',
      hidden: 32,
    }),
    ...chunks,
    time: 5,
    strategy: truncatedBptt({ updateEvery: 5 }),
    stretches: 12,
    earlyStopping: { patience: 3 },
    accumulate: 2,
    weightNoise: 0.01,
  },
};

/** Each part within 10 %, where it is more than a hundredth of the whole. */
function expectNear({ planned, measured }: Both): void {
  const names = Object.keys(planned.parts) as (keyof typeof planned.parts)[];
  const bound = (bytes: number): number => Math.max(0.1 * bytes, 0.015 * measured.peakBytes);
  const far = names.filter((name) => {
    const bytes = measured.parts[name] ?? 0;
    return Math.abs(planned.parts[name] - bytes) > bound(bytes);
  });
  expect(far, JSON.stringify({ planned, measured }, null, 1)).toEqual([]);
  expect(planned.peakBytes / measured.peakBytes).toBeGreaterThan(0.9);
  expect(planned.peakBytes / measured.peakBytes).toBeLessThan(1.1);
  expect(names.reduce((sum, name) => sum + planned.parts[name], 0)).toBe(planned.peakBytes);
}

const hasWebGpu = inject('webgpu' as never) as boolean;

describe.each<[string, () => Backend | Promise<Backend>, Record<string, PlannedTraining>, boolean]>([
  ['js', js, { ...everywhere, ...others, ...checkpointed, ...adaptive, ...drawn }, true],
  ['wasm', wasm, { ...everywhere, ...budgets, ...slower, ...adaptive, ...drawn }, true],
  ['webgpu', webgpu, { ...everywhere, ...budgets, ...drawn }, hasWebGpu],
])('a plan on %s is what is measured, part by part:', (_name, make, trainings, isThere) => {
  let backend: Backend;
  beforeAll(async () => {
    if (isThere) backend = await make();
  });
  afterAll(() => backend?.dispose?.());

  test.skipIf(!isThere).each(Object.entries(trainings))('%s', async (_training, training) => {
    expectNear(await planAndMeasure(training, backend));
    expect(backend.memory().buffers).toBe(0);
  });
});
