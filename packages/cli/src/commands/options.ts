import { InvalidArgumentError } from 'commander';

/** A parser of numbers for commander. */
type Parser = (text: string) => number;

/** Takes whole numbers from `least` on. */
export function whole(least: number): Parser {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
  };
}

/** Takes numbers above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}

/** Takes numbers from 0 on, up to `below` itself left out. */
export function from0(below: number = Infinity): Parser {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value) && value >= 0 && value < below) return value;
    throw new InvalidArgumentError(
      below === Infinity ? 'It must be a number of 0 or more.' : `It must be a number from 0 to below ${below}.`,
    );
  };
}
