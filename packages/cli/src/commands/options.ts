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

const units: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** Takes sizes such as `500MB`, `1.5 GiB`, or a number of bytes. */
export function size(text: string): number {
  const [, number, unit = 'B'] = /^\s*([\d.]+)\s*([a-z]+)?\s*$/i.exec(text) ?? [];
  const known = Object.keys(units).find((name) => name.toLowerCase() === unit.toLowerCase());
  const value = Number(number) * (known === undefined ? NaN : (units[known] as number));
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a size such as 500MB, 1.5GB or 64MiB.');
}

/** Takes a number of steps, or `inf` for one without end. */
export function stepsOrInfinity(text: string): number {
  return /^inf(inity)?$/i.test(text.trim()) ? Infinity : whole(1)(text);
}
