import type { TextUnit } from '@tempograd/nn/node';
import { UsageError } from '../Failure.js';
import { countedItems } from '../text/unit.js';
import { streamsThatFit } from './corpus.js';

/** All that decides how a model is trained, the text and the number of updates apart; plain JSON, kept in checkpoints. */
export interface TrainSettings {
  /** What the text is made of. */
  readonly unit: TextUnit;
  /** Words to know, at most, where it is made of words. */
  readonly vocabulary: number;
  readonly cell: 'lstm' | 'gru' | 'rnnTanh' | 'rnnRelu';
  readonly hidden: number;
  readonly layers: number;
  readonly embedding: number;
  readonly dropout: number;
  /** Streams of text side by side. */
  readonly batch: number;
  /** Steps of a chunk: from one update to the next, and back. */
  readonly steps: number;
  /** The highest, which the schedule begins with. */
  readonly learningRate: number;
  /** What parameters shrink by in an update, as a multiple of the learning rate. */
  readonly weightDecay: number;
  /** The greatest norm of a gradient. */
  readonly clip: number;
  readonly seed: number;
}

/** Words that are known where the user says nothing. */
export const defaultVocabulary = 5000;

const common = {
  unit: 'characters',
  vocabulary: defaultVocabulary,
  cell: 'lstm',
  layers: 1,
  dropout: 0,
  clip: 1,
  seed: 1,
} as const;

/**
 * What learns most of Moby Dick in a few minutes. Many updates with small batches do better than few with large ones, as far as a
 * backend is not much slower with small ones; on `wasm` 8 streams did worse than 16 with as many characters.
 */
const tuned: Readonly<Record<string, TrainSettings>> = {
  wasm: { ...common, hidden: 320, embedding: 64, batch: 16, steps: 64, learningRate: 0.008, weightDecay: 0.04 },
  js: { ...common, hidden: 96, embedding: 32, batch: 8, steps: 20, learningRate: 0.015, weightDecay: 0 },
};

/** The settings asked for, and what is tuned for the backend where none are; a backend not known here gets those of `wasm`. */
export function settingsFor(backend: string, asked: Partial<TrainSettings>): TrainSettings {
  const defaults = (tuned[backend] ?? tuned['wasm']) as TrainSettings;
  const names = Object.keys(defaults) as (keyof TrainSettings)[];
  const given = names.filter((name) => asked[name] !== undefined).map((name) => [name, asked[name]]);
  // A wider layer wants smaller steps.
  const learningRate = defaults.learningRate * Math.min(1, defaults.hidden / (asked.hidden ?? defaults.hidden));
  return { ...defaults, learningRate, ...(Object.fromEntries(given) as Partial<TrainSettings>) };
}

/**
 * The settings with no more streams than a text of `length` items has a chunk for.
 * @throws UsageError when more were asked for.
 */
export function fitBatch(settings: TrainSettings, asked: Partial<TrainSettings>, length: number): TrainSettings {
  const { batch, steps } = settings;
  const most = streamsThatFit(length, batch, steps);
  if (most === batch) return settings;
  if (asked.batch === undefined) return { ...settings, batch: most };
  throw new UsageError(
    `--batch ${batch} is too much for this text: its ${countedItems(length, settings.unit)} for training have a chunk of ${steps} steps for ${most} streams at most. ` +
      'Give a smaller --batch, smaller --steps, or a longer text.',
  );
}
