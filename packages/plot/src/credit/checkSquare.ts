import { ArgumentError } from '@tempograd/core/backend';
import type { CreditPictureOptions } from '../creditPicture.js';

type Matrix = readonly (readonly number[])[];

/** @throws ArgumentError where norms or mask are no square of numbers, or an option makes no sense. */
export function checkSquare(
  of: string,
  norms: Matrix,
  { mask, labels = [], decades = 6, width = 600 }: CreditPictureOptions,
): void {
  requireSquare(of, 'norms', norms);
  if (mask !== undefined) requireSquare(of, 'mask', mask);
  if (mask !== undefined && mask.length !== norms.length) {
    throw new ArgumentError(
      `${of}: the mask is of ${mask.length} steps and the norms are of ${norms.length}; both must be of the same stretch.`,
    );
  }
  if (labels.length > 0 && labels.length !== norms.length) {
    throw new ArgumentError(
      `${of}: labels must be one for each of the ${norms.length} steps, but there are ${labels.length}.`,
    );
  }
  const wrong = [...labels].find((label) => typeof label !== 'string');
  if (wrong !== undefined)
    throw new ArgumentError(`${of}: labels must be strings, but one is ${JSON.stringify(wrong)}.`);
  if (!(decades > 0 && decades <= 300)) {
    throw new ArgumentError(`${of}: decades must be a number above 0, at most 300, but is ${decades}.`);
  }
  if (!(width >= 240 && width <= 10_000)) {
    throw new ArgumentError(`${of}: width must be from 240 to 10,000 pixels, but is ${width}.`);
  }
}

function requireSquare(of: string, name: string, rows: Matrix): void {
  const given: unknown = rows;
  const isList = (value: unknown): value is ArrayLike<unknown> => Array.isArray(value) || ArrayBuffer.isView(value);
  if (!Array.isArray(given) || given.length === 0) {
    throw new ArgumentError(
      `${of}: ${name} must be rows of numbers, as norms() of a creditMatrix() gives them, but is ${Array.isArray(given) ? 'empty' : typeof given}.`,
    );
  }
  for (const [s, row] of (given as unknown[]).entries()) {
    if (!isList(row) || row.length !== given.length) {
      throw new ArgumentError(
        `${of}: ${name} must have as many columns as rows, ${given.length}, but row ${s} ${isList(row) ? `has ${row.length}` : 'is none'}.`,
      );
    }
    for (let t = 0; t < row.length; t++) {
      if (typeof row[t] !== 'number')
        throw new ArgumentError(`${of}: ${name}[${s}][${t}] must be a number, but is ${JSON.stringify(row[t])}.`);
    }
  }
}
