import type { FindingKind } from './Finding.js';

/** What is told when a finding is over; `where` is its layer, with the word before it, or nothing. */
export const overWords: Readonly<Record<FindingKind, (where: string) => string>> = {
  vanishing: (where) => `the training gets on, or the gradient${where} reaches further back.`,
  exploding: (where) => `the gradient${where} does not explode any more.`,
  saturated: (where) => `the gates${where} are not saturated any more.`,
  dead: (where) => `most units${where} move.`,
  clipping: () => 'clipping holds back outliers alone.',
  rateTooHigh: () => 'updates do no harm any more.',
  rateTooLow: () => 'updates are large enough.',
  diverging: () => 'the loss has come down again.',
  stalled: () => 'the training gets on.',
};
