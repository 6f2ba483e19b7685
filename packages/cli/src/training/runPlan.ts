import type { BackendInfo } from '@tempograd/core';
import type { Clip, TrainingHealthOptions } from '@tempograd/nn';
import * as v from 'valibot';
import { Failure } from '../Failure.js';
import type { Phase } from './schedule.js';
import { defaultVocabulary, type TrainSettings } from './settings.js';

/** Shares of a session after which the model is looked at. */
export const milestones: readonly number[] = [0.04, 0.12, 0.25, 0.5, 0.75];

/** What a training does with its gradients, as `fit` takes it and whatever plans its memory: looks at them hold the most that it needs. */
export function gradientOptions({ clip }: Pick<TrainSettings, 'clip'>): {
  readonly clip: Clip;
  readonly health: TrainingHealthOptions;
} {
  return { clip: { norm: clip }, health: { every: 20 } };
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));

const settingsSchema = v.strictObject({
  unit: v.optional(v.picklist(['characters', 'words', 'bytes']), 'characters'),
  vocabulary: v.optional(count, defaultVocabulary),
  cell: v.picklist(['lstm', 'gru', 'rnnTanh', 'rnnRelu']),
  hidden: count,
  layers: count,
  embedding: count,
  dropout: v.pipe(v.number(), v.minValue(0), v.ltValue(1)),
  batch: count,
  steps: count,
  learningRate: positive,
  weightDecay: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0)), 0),
  clip: positive,
  seed: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
}) satisfies v.GenericSchema<unknown, TrainSettings>;

const planSchema = v.strictObject({
  settings: settingsSchema,
  phases: v.pipe(v.array(v.strictObject({ updates: count, learningRate: positive })), v.minLength(1)),
  backend: v.string(),
  text: v.strictObject({
    title: v.string(),
    fingerprint: v.string(),
    heldOut: v.optional(v.pipe(count, v.minValue(2))),
    words: v.optional(v.string()),
  }),
});

/** What a run was begun with: kept in its checkpoints, so that it goes on as it would have gone on. */
export interface RunPlan {
  readonly settings: TrainSettings;
  readonly phases: readonly Phase[];
  /** Name of the backend it ran on last. */
  readonly backend: string;
  readonly text: {
    readonly title: string;
    readonly fingerprint: string;
    /** Items at its end that are held out; missing where it was a tenth, however long the text. */
    readonly heldOut?: number | undefined;
    /** Fingerprint of the words it is made of, where it is read by words: what is a letter, Unicode changes now and then. */
    readonly words?: string | undefined;
  };
}

/** What there is to know of a run before it starts. */
export interface TrainPlan extends RunPlan {
  /** Items of the text. */
  readonly items: { readonly all: number; readonly training: number; readonly heldOut: number };
  readonly vocabulary: number;
  readonly parameters: number;
  readonly info: BackendInfo;
  /** Highest bytes on the backend at once, as foretold. */
  readonly plannedBytes: number;
  /** Items a second, as measured; null where the number of updates was given. */
  readonly speed: number | null;
  /** Updates done before, in the run that is gone on with. */
  readonly done: number;
  readonly updates: number;
  readonly model: string;
  readonly checkpoint: string;
}

/** Name in a checkpoint's metadata. */
const entry = 'tempograd.run';

/** The plan as metadata of a checkpoint. */
export function planMetadata({ settings, phases, backend, text }: RunPlan): Record<string, string> {
  return { [entry]: JSON.stringify({ settings, phases, backend, text } satisfies RunPlan) };
}

/** The plan in a checkpoint's metadata. @throws Failure where there is none, or it says what no plan can. */
export function planOf(file: string, metadata: Readonly<Record<string, string>>): RunPlan {
  const text = metadata[entry];
  if (text === undefined) {
    throw new Failure(
      `${file} is not a checkpoint of \`tempograd train\`. Name the model whose training shall go on with --save.`,
    );
  }
  try {
    return v.parse(planSchema, JSON.parse(text));
  } catch (cause) {
    const where = cause instanceof v.ValiError ? (v.getDotPath(cause.issues[0] as v.BaseIssue<unknown>) ?? '') : '';
    throw new Failure(
      `The checkpoint ${file} is damaged: what it says of its run${where === '' ? '' : `, at "${where}",`} makes no sense. ` +
        `${(cause as Error).message.slice(0, 200)}. Take another copy, or begin anew without --resume.`,
      { cause },
    );
  }
}
