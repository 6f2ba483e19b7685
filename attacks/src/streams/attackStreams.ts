import { createBackend } from '@tempograd/backend-js';
import { disposeTree, keep, key, scope, type Backend } from '@tempograd/core';
import { predictor, sequenceModel, type Predictor, type SequenceModelConfig, type StepOutput } from '@tempograd/nn';
import { Random } from '../Random.js';

/** What to attack with. */
export interface StreamsAttack {
  readonly seed: number;
  /** How many models, each with streams of its own. */
  readonly models: number;
  /** The first of them; default is 0. With `models: 1` one is repeated alone. */
  readonly from?: number;
}

/** A stream that got something else than it would alone, or buffers that were left. */
export interface StreamsFailure {
  /** The number of its model. */
  readonly model: number;
  /** What went wrong, in words. */
  readonly fault: string;
}

/** What became of the streams. */
export interface StreamsReport {
  readonly streams: number;
  /** Steps of all of them. */
  readonly steps: number;
  readonly failures: readonly StreamsFailure[];
}

const items = 7;

/** Largest difference, relative to 1 or the value: f64, with sums in another order. */
const tolerance = 1e-10;

/** A stream and all that it has read. */
interface Reader {
  readonly stream: Predictor;
  read: readonly number[];
}

/**
 * Lets many streams of a model of random settings read as they like: single steps and long runs, forked, reset in the middle, at
 * rest and forgotten. Each must get what the model gives for all that it has read at once, and no buffer may be left.
 */
export async function attackStreams({ seed, models, from = 0 }: StreamsAttack): Promise<StreamsReport> {
  const failures: StreamsFailure[] = [];
  let [streams, steps] = [0, 0];
  for (let model = from; model < from + models; model++) {
    const random = new Random(Math.imul(seed, 0x9e3779b1) + model);
    const backend = createBackend();
    const settings = sampleSettings(random);
    const fault = await examine(settings, random, backend, (count) => {
      streams++;
      steps += count;
    }).catch((error: unknown) => String(error));
    if (fault !== null) failures.push({ model, fault: `${fault} ${JSON.stringify(settings)}` });
  }
  return { streams, steps, failures };
}

function sampleSettings(random: Random): SequenceModelConfig {
  const layers = random.whole(1, 4);
  return {
    input: { vocabulary: items, embedding: random.whole(1, 6) },
    cell: random.pick(['lstm', 'gru', 'rnnTanh', 'rnnRelu'] as const),
    hidden: random.whole(1, 12),
    layers,
    outputs: random.whole(1, 9),
    loss: 'crossEntropy',
    pooling: random.pick(['none', 'last', 'mean', 'max', 'attention'] as const),
    learnedCarry: random.next() < 0.5,
    layerNorm: random.next() < 0.3,
    residual: layers > 1 && random.next() < 0.3,
    paddingIndex: random.pick([null, 0]),
  };
}

/** What went wrong with the streams of one model; null where nothing did. */
async function examine(
  settings: SequenceModelConfig,
  random: Random,
  backend: Backend,
  count: (steps: number) => void,
): Promise<string | null> {
  const model = sequenceModel(settings);
  const params = scope(() => keep(model.init(key(random.whole(0, 1e6)), { dtype: 'f64', backend })));
  const before = backend.memory().buffers;
  const first = predictor(model, params, { logits: true });
  let readers: Reader[] = Array.from({ length: random.whole(1, 12) }, () => ({ stream: first.stream(), read: [] }));
  const results: { readonly read: readonly number[]; readonly given: StepOutput | undefined }[] = [];
  for (let round = 0; round < 6; round++) {
    const asked: { readonly read: readonly number[]; readonly outputs: Promise<StepOutput[]> }[] = [];
    const forks: Reader[] = [];
    for (const reader of readers) {
      if (random.next() < 0.3) continue;
      const next = Array.from({ length: random.next() < 0.7 ? 1 : random.whole(1, 100) }, () => random.whole(0, items));
      reader.read = [...reader.read, ...next];
      asked.push({ read: reader.read, outputs: reader.stream.run(next) });
      if (random.next() < 0.2) forks.push({ stream: reader.stream.fork(), read: reader.read });
      if (random.next() > 0.1) continue;
      reader.stream.reset();
      reader.read = [];
    }
    readers.push(...forks);
    for (const { read, outputs } of asked) results.push({ read, given: (await outputs).at(-1) });
    for (const { stream } of readers.slice(20)) stream.reset();
    readers = readers.slice(0, 20);
  }
  for (const { stream } of readers) stream.reset();
  const left = backend.memory().buffers - before;
  if (left !== 0) return `${left} buffers are left.`;
  const alone = predictor(model, params, { logits: true });
  for (const { read, given } of results) {
    const wanted = (await alone.run(read)).at(-1) as StepOutput;
    alone.reset();
    count(read.length);
    const differs = wanted.findIndex((value: number, index: number) => {
      const error = Math.abs(value - (given?.[index] ?? NaN)) / Math.max(1, Math.abs(value));
      return !(error <= tolerance);
    });
    if (differs >= 0)
      return `After ${read.length} steps output ${differs} is ${given?.[differs]}, alone it is ${wanted[differs]}.`;
  }
  disposeTree(params);
  return null;
}
