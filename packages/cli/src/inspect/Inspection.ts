import type { GradientHealth } from '@tempograd/nn';
import type { TextUnit } from '@tempograd/nn/node';
import type { Provenance } from '../model/modelFile.js';

/** What a saved model's gradients look like on a text; plain data. */
export interface Inspection {
  readonly model: InspectedModel;
  readonly text: InspectedText;
  readonly backend: string;
  readonly loss: LossFigures;
  readonly reach: Reach;
  readonly credit: Credit;
  readonly health: GradientHealth;
  readonly findings: readonly Finding[];
  readonly seconds: number;
}

/** What was inspected. */
export interface InspectedModel {
  readonly file: string;
  readonly unit: TextUnit;
  /** `LSTM of 96`, `2 layers of GRU of 128`. */
  readonly recurrence: string;
  readonly cell: string;
  readonly layers: number;
  readonly hidden: number;
  readonly vocabulary: number;
  readonly parameters: number;
  /** Null where the file does not say. */
  readonly training: Provenance | null;
}

/** What it was inspected on. */
export interface InspectedText {
  readonly title: string;
  /** Items of the whole text. */
  readonly length: number;
  /** Places that were read, side by side. */
  readonly rows: number;
  /** Items read before gradients are looked at, so that the state is a usual one. */
  readonly warmUp: number;
  /** Steps over which gradients are looked at. */
  readonly steps: number;
}

/** How well it foretells the text, in bits per item. */
export interface LossFigures {
  /** Once it has read the warm-up. */
  readonly bitsPerItem: number;
  /** Guessing evenly among all items. */
  readonly uniformBits: number;
  /** Guessing by how often each item occurs in what was read. */
  readonly frequencyBits: number;
  /** By how much was read before: the mean over the items from `from` to `to`. */
  readonly byPosition: readonly { readonly from: number; readonly to: number; readonly bits: number }[];
}

/** How far back a loss speaks. */
export interface Reach {
  /** `‖G[s][s−k]‖` by lag. */
  readonly byLag: readonly number[];
  readonly kept: readonly KeptShare[];
  /** Fewest steps back that keep 90, 95 and 99% of the credit. */
  readonly stepsFor: { readonly 90: number; readonly 95: number; readonly 99: number };
  /** By how much the gradient shrinks a step, on the whole: below 1 it fades, above it grows; NaN where it cannot be told. */
  readonly decay: number;
}

/** What a truncation keeps of the credit, 0 to 1. */
export interface KeptShare {
  readonly length: number;
  /** Where each loss looks so many steps back. */
  readonly steps: number;
  /** Where the text is cut into chunks of so many steps: losses at a chunk's beginning look back less far. */
  readonly chunks: number;
}

/** The credit matrix of one stretch. */
export interface Credit {
  /** `[s][t]` */
  readonly norms: readonly (readonly number[])[];
  /** Length of the chunks that are drawn on it. */
  readonly chunk: number;
  /** Whether the model was trained with it, as far as the file says. */
  readonly asTrained: boolean;
  /** The items, as they are written beside it; empty where they are too long. */
  readonly items: readonly string[];
}

/** What is to be said of it, in words. */
export interface Finding {
  readonly verdict: 'good' | 'note' | 'bad';
  /** A few words. */
  readonly title: string;
  /** What was measured. */
  readonly detail: string;
  /** What would help; null where nothing is needed. */
  readonly advice: string | null;
}
