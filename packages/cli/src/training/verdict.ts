import type { TextUnit } from '@tempograd/nn/node';
import { Failure } from '../Failure.js';
import { units } from '../text/unit.js';

/** Bits per item above those of guessing by which a model must be worse to be told so. */
const margin = 0.1;

/** How a model did, in bits per item. */
export interface Outcome {
  readonly unit: TextUnit;
  readonly heldOutBitsPerItem: number;
  /** On the text it was trained on, at the end. */
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
  return recentBitsPerItem <= uniformBitsPerItem ? 'by heart' : 'diverged';
}

/** The failure that a training ends with that has diverged; `model` is null where none was written, `kept` one of before that is left as it was. */
export function divergedFailure(
  { unit, heldOutBitsPerItem, uniformBitsPerItem }: Outcome,
  model: string | null,
  kept: string | null = null,
): Failure {
  const left =
    model === null
      ? 'No model was written'
      : `What is in ${model} is of no use${kept === null ? '' : `, and ${kept} is as it was before`}`;
  return new Failure(
    `The training has diverged: the model has learnt nothing. On held-out text it takes ${figure(heldOutBitsPerItem)} bits per ${units[unit].one}; ` +
      `guessing evenly takes ${figure(uniformBitsPerItem)}. ${left}: begin anew, without --resume, with a lower --learning-rate or --clip.`,
  );
}

function figure(bits: number): string {
  return bits.toLocaleString('en-US', { maximumSignificantDigits: 4 });
}
