/**
 * What can be wrong with a training:
 *
 * - `vanishing`: what a loss says fades on its way back, and the training does not get on;
 * - `exploding`: it grows on its way back, or the gradient's norm leaps;
 * - `saturated`: gates lie at their ends, where nothing moves them;
 * - `dead`: units give the same value whatever goes in;
 * - `clipping`: nearly every gradient is cut down to a small part of itself;
 * - `rateTooHigh`, `rateTooLow`: updates are so large that they undo what was learnt, or so small that nothing comes of them;
 * - `diverging`: the loss has risen, and none of the others says why;
 * - `stalled`: the loss does not fall, nothing has been learnt, and none of the others says why.
 */
export type FindingKind =
  | 'vanishing'
  | 'exploding'
  | 'saturated'
  | 'dead'
  | 'clipping'
  | 'rateTooHigh'
  | 'rateTooLow'
  | 'diverging'
  | 'stalled';

/** Something that is wrong with a training, or is not any more. Plain JSON. */
export interface Finding {
  readonly kind: FindingKind;
  /** Whether it has ended: the numbers are then those of now. */
  readonly over: boolean;
  /** The update at which it was found, or found to be over. */
  readonly update: number;
  /** The update since which it has been so. */
  readonly since: number;
  /** The layer or parameter that it is in, `rnn.l0`; null where it is in none, or in all. */
  readonly layer: string | null;
  /** What is the matter, in a sentence or two. */
  readonly message: string;
  /** What would help; empty where it is over. */
  readonly advice: string;
  /** What it was judged by. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** What one judge has found: a finding that nobody has been told of. */
export type Evidence = Omit<Finding, 'over' | 'update'>;
