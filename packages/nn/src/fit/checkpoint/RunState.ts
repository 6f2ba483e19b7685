import type { Key } from '@tempograd/core';
import * as v from 'valibot';
import type { SafetensorsFile } from '../../safetensors/index.js';
import { parseJson, shown } from '../../safetensors/parseJson.js';
import type { PlateauState } from '../../optim/index.js';
import type { EarlyStoppingState } from '../EarlyStopping.js';
import type { TrainingPosition } from '../TrainingPosition.js';
import { CheckpointError, damagedAt } from './CheckpointError.js';

/** All of a run that is not tensors. */
export interface RunState {
  readonly version: 1;
  /** Updates taken. */
  readonly update: number;
  /** Updates without items since the latest that was taken; absent in older checkpoints. */
  readonly skipped?: number | undefined;
  /** Sequences begun. */
  readonly sequence: number;
  readonly position: TrainingPosition;
  readonly key: Key;
  readonly strategy: {
    readonly name: string;
    readonly updateEvery: number | null;
    readonly backwardSteps: number | null;
    /** Absent in older checkpoints. */
    readonly drops?: string | null | undefined;
  };
  readonly optimiser: { readonly name: string; readonly step: number };
  /** The fingerprint of the data; absent in older checkpoints, null where the data has none. */
  readonly data?: string | null | undefined;
  /** Where a learning rate stands that watches the training; absent or null where none does. */
  readonly plateau?: PlateauState | null | undefined;
  /** Where early stopping stands; absent or null where it has seen nothing. */
  readonly stopping?: EarlyStoppingState | null | undefined;
  /** The strategy's run, where a sequence was under way. */
  readonly run: {
    /** Losses of the whole sequence, where the source told them; absent in older checkpoints. */
    readonly items?: number | null | undefined;
    readonly snapshot: {
      readonly position: number;
      // Trees as `treeJson.ts` describes them.
      readonly carry: unknown;
      readonly pending: unknown;
      readonly pieces: readonly {
        readonly from: number;
        readonly params: unknown;
        readonly carry: unknown;
        readonly stretch: unknown;
      }[];
      /** Absent in older checkpoints, and where the strategy has none. */
      readonly state?: unknown;
    };
  } | null;
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const finite = v.pipe(v.number(), v.finite());
const nonNegative = v.pipe(finite, v.minValue(0));
const lengthOrAll = v.nullable(v.pipe(count, v.minValue(1)));
const word = v.pipe(count, v.maxValue(2 ** 32 - 1));

const schema = v.strictObject({
  version: v.literal(1),
  update: count,
  skipped: v.optional(count),
  sequence: count,
  position: v.strictObject({ epoch: count, index: count, offset: count }),
  key: v.tuple([word, word]),
  strategy: v.strictObject({
    name: v.string(),
    updateEvery: lengthOrAll,
    backwardSteps: lengthOrAll,
    drops: v.optional(v.nullable(v.string())),
  }),
  optimiser: v.strictObject({ name: v.string(), step: count }),
  data: v.optional(v.nullable(v.string())),
  plateau: v.optional(v.nullable(v.strictObject({ best: v.nullable(finite), waited: count, reductions: count }))),
  stopping: v.optional(
    v.nullable(v.strictObject({ best: v.strictObject({ update: count, value: finite }), waited: count })),
  ),
  run: v.nullable(
    v.strictObject({
      items: v.optional(v.nullable(nonNegative)),
      // What older checkpoints made the normaliser of; it is of no use any more.
      itemsPerStep: v.optional(nonNegative),
      fullSteps: v.optional(lengthOrAll),
      snapshot: v.strictObject({
        position: count,
        carry: v.unknown(),
        pending: v.unknown(),
        pieces: v.array(v.strictObject({ from: count, params: v.unknown(), carry: v.unknown(), stretch: v.unknown() })),
        state: v.optional(v.unknown()),
      }),
    }),
  ),
}) satisfies v.GenericSchema<unknown, RunState>;

/** Name of the state among a checkpoint's metadata. */
export const stateName = 'tempograd.training';

/** Deepest nesting that is read: a tree's, in a snapshot's, in a run's. */
const deepestState = 100;

/** The state as an entry of a checkpoint's metadata. */
export function writeRunState(state: RunState): Record<string, string> {
  return { [stateName]: JSON.stringify(state) };
}

/** @throws CheckpointError when the file is not a checkpoint, damaged, or of another version. */
export function readRunState(checkpoint: SafetensorsFile): RunState {
  const { tensors, metadata } = (checkpoint ?? {}) as Partial<SafetensorsFile>;
  if (typeof tensors?.get !== 'function' || typeof metadata !== 'object')
    throw new CheckpointError('This is no checkpoint. Give what the load() of a store, or readSafetensors, has given.');
  const text = Object.hasOwn(metadata, stateName) ? metadata[stateName] : undefined;
  if (typeof text !== 'string') {
    throw new CheckpointError(
      'This safetensors file holds no training run: it may be a model alone. Train from its parameters anew: loadInto(params, file).',
    );
  }
  const state = parse(text);
  const version = (state as { readonly version?: unknown } | null)?.version;
  if (typeof version === 'number' && version !== 1) {
    throw new CheckpointError(
      `The checkpoint has version ${version}, this @tempograd/nn reads version 1. Go on with the version that wrote it.`,
    );
  }
  const checked = v.safeParse(schema, state);
  if (checked.success) return checked.output;
  const [fault] = checked.issues;
  throw damagedAt([stateName, v.getDotPath(fault)].filter((part) => part !== null).join('.'), reasonOf(fault));
}

function parse(text: string): unknown {
  try {
    return parseJson(text, deepestState);
  } catch (cause) {
    throw damagedAt(stateName, `there is no JSON as it must be (${(cause as Error).message})`, cause);
  }
}

function reasonOf({ expected, received }: v.BaseIssue<unknown>): string {
  if (received === 'undefined') return 'something is missing';
  return `${expected ?? 'something else'} was expected, but it says ${shown(received)}`;
}
