import { checkOptions, optionTable } from '@tempograd/core/backend';
import { checkSquare } from './credit/checkSquare.js';
import { creditScale } from './credit/CreditScale.js';
import { drawKeys } from './credit/drawKeys.js';
import { drawMatrix } from './credit/drawMatrix.js';
import { greatest, shareInside } from './credit/Matrix.js';
import { Picture } from './draw/Picture.js';
import { percent } from './draw/ticks.js';

/** What else is drawn of a credit matrix. */
export interface CreditPictureOptions {
  /** `[s][t]`, 0 where a strategy cuts credit off, as `truncationMask(…)` gives it: its edge is drawn, and what lies outside is faded. */
  readonly mask?: readonly (readonly number[])[];
  /** Whose mask it is, such as `16 steps back, an update every 8`. */
  readonly strategy?: string;
  /** What was read at each step, a letter or two, to stand along both sides in place of the steps' numbers. */
  readonly labels?: readonly string[];
  /** What stands above it; default is 'How far credit reaches'. */
  readonly title?: string;
  /** A sentence below the title; an empty one is left out. */
  readonly subtitle?: string;
  /** What is to be seen, for those who do not see it; by default it is made of the figures. */
  readonly description?: string;
  /** Powers of ten between the strongest colour and none; default is 6. */
  readonly decades?: number;
  /** In pixels; default is 600. It shrinks with the page. */
  readonly width?: number;
}

const pictureTable = optionTable<CreditPictureOptions>({
  mask: 'array',
  strategy: 'string',
  labels: 'array',
  title: 'string',
  subtitle: 'string',
  description: 'string',
  decades: 'number',
  width: 'number',
});

const sentence = 'What the loss at each step says of the parameters, as they were used at each step before it';

/**
 * The credit matrix as a picture: how much the loss at step s (down) says of the parameters as used at step t (across), on a logarithmic
 * scale; `norms` is `[s][t]`, what `norms()` of a `creditMatrix` gives. It fades off the diagonal, which is the vanishing gradient;
 * the mask of a strategy shows what of it a truncation keeps, and the key says how much of the sum of all norms that is. As SVG that
 * stands alone: no scripts, no ids, readable on light and on dark paper. With more than 160 steps neighbours share a square.
 * @throws ArgumentError unless norms and mask are as many rows as columns, and as many as each other.
 */
export function creditPicture(norms: readonly (readonly number[])[], options: CreditPictureOptions = {}): string {
  checkOptions('creditPicture', options, pictureTable);
  checkSquare('creditPicture', norms, options);
  const { mask = null, labels = [], strategy = 'what is kept', decades = 6, width = 600 } = options;
  const words = { title: options.title ?? 'How far credit reaches', subtitle: options.subtitle ?? sentence };
  const kept = mask === null ? null : percent(shareInside(norms, mask));
  const picture = new Picture(width);
  picture.head(words);
  const scale = creditScale(greatest(norms) || 1, decades);
  const place = drawMatrix(picture, norms, { mask, labels }, scale);
  drawKeys(picture, place, scale, kept === null ? [] : [strategy, `keeps ${kept} of the credit here`]);
  const description = `The norms of the credit matrix over ${norms.length} steps, which fade with the distance from the diagonal.${
    kept === null ? '' : ` The mask (${strategy}) keeps ${kept} of their sum.`
  }`;
  return picture.toString({ ...words, description: options.description ?? description });
}
