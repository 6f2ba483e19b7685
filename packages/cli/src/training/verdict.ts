import { Failure } from '../Failure.js';

/** Bits per character above those of guessing by which a model must be worse to be told so. */
const margin = 0.1;

/** How a model did, in bits per character. */
export interface Outcome {
  readonly heldOutBitsPerCharacter: number;
  /** On the text it was trained on, at the end. */
  readonly recentBitsPerCharacter: number;
  /** Of guessing evenly among all characters. */
  readonly uniformBitsPerCharacter: number;
}

/**
 * What came of a training: it learnt the text; it learnt what does not help with the held-out text; or it diverged, and guessing
 * is better.
 */
export type Verdict = 'learnt' | 'by heart' | 'diverged';

/** Judges a model by what guessing evenly would give. */
export function verdictOn({
  heldOutBitsPerCharacter,
  recentBitsPerCharacter,
  uniformBitsPerCharacter,
}: Outcome): Verdict {
  if (!Number.isFinite(heldOutBitsPerCharacter)) return 'diverged';
  if (heldOutBitsPerCharacter <= uniformBitsPerCharacter + margin) return 'learnt';
  return recentBitsPerCharacter <= uniformBitsPerCharacter ? 'by heart' : 'diverged';
}

/** The failure that a training ends with that has diverged; `model` is null where none was written. */
export function divergedFailure(
  { heldOutBitsPerCharacter, uniformBitsPerCharacter }: Outcome,
  model: string | null,
): Failure {
  const left = model === null ? 'No model was written' : `What is in ${model} is of no use`;
  return new Failure(
    `The training has diverged: the model has learnt nothing. On held-out text it takes ${figure(heldOutBitsPerCharacter)} bits per character; ` +
      `guessing evenly takes ${figure(uniformBitsPerCharacter)}. ${left}: begin anew, without --resume, with a lower --learning-rate or --clip.`,
  );
}

function figure(bits: number): string {
  return bits.toLocaleString('en-US', { maximumSignificantDigits: 4 });
}
