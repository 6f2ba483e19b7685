import type { TextUnit } from '@tempograd/nn/node';
import { Failure } from '../Failure.js';
import { units } from '../text/unit.js';
import type { TrainSettings } from './settings.js';

/** Bits per item above those of guessing by which a model must be worse to be told so. */
const margin = 0.1;

/** How many times worse than guessing a model that knows its own text by heart may be on another, at most. */
const worstByHeart = 10;

/** How a model did, in bits per item. */
export interface Outcome {
  readonly unit: TextUnit;
  readonly heldOutBitsPerItem: number;
  /** On the text it was trained on, at the end; NaN where nothing was left to train. */
  readonly recentBitsPerItem: number;
  /** Of guessing evenly among all items. */
  readonly uniformBitsPerItem: number;
}

/**
 * What came of a training: it learnt the text; it learnt what does not help with the held-out text; or it diverged, and guessing
 * is better.
 */
export type Verdict = 'learnt' | 'by heart' | 'diverged';

/** Judges a model by what guessing evenly would give. */
export function verdictOn({
  heldOutBitsPerItem,
  recentBitsPerItem,
  uniformBitsPerItem,
}: Omit<Outcome, 'unit'>): Verdict {
  if (!Number.isFinite(heldOutBitsPerItem)) return 'diverged';
  if (heldOutBitsPerItem <= uniformBitsPerItem + margin) return 'learnt';
  // What it did on its own text was before the last updates, which may have ruined it.
  const near = heldOutBitsPerItem <= worstByHeart * uniformBitsPerItem;
  return near && !(recentBitsPerItem > uniformBitsPerItem) ? 'by heart' : 'diverged';
}

/** The failure that a training ends with that has diverged; `model` is null where none was written, `kept` one of before that is left as it was. */
export function divergedFailure(
  { unit, heldOutBitsPerItem, uniformBitsPerItem }: Outcome,
  settings: TrainSettings,
  model: string | null,
  kept: string | null = null,
): Failure {
  const left =
    model === null
      ? 'No model was written'
      : `What is in ${model} is of no use${kept === null ? '' : `, and ${kept} is as it was before`}`;
  return new Failure(
    `The training has diverged: the model has learnt nothing. On held-out text it takes ${figure(heldOutBitsPerItem)} bits per ${units[unit].one}; ` +
      `guessing evenly takes ${figure(uniformBitsPerItem)}. ${left}: begin anew, without --resume, with a lower ${whatToLower(settings)}.`,
  );
}

/** What to lower after a training that has diverged. An update takes `learningRate · weightDecay` of each weight: all of it, or more, lets none be. */
export function whatToLower({
  learningRate,
  weightDecay,
}: Pick<TrainSettings, 'learningRate' | 'weightDecay'>): string {
  return learningRate * weightDecay < 1 ? '--learning-rate or --clip' : '--weight-decay or --learning-rate';
}

function figure(bits: number): string {
  return bits.toLocaleString('en-US', { maximumSignificantDigits: 4 });
}
