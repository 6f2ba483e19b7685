/** Numbers as texts of one width, so that they stand below each other; all decimals or all exponents, whichever says more. */
export function formatNumbers(values: readonly number[]): string[] {
  const format = formatFor(values.filter((value) => Number.isFinite(value)));
  const texts = values.map((value) => (Number.isFinite(value) ? format(value) : String(value)));
  const width = Math.max(0, ...texts.map((text) => text.length));
  return texts.map((text) => text.padStart(width));
}

const digits = 4;

function formatFor(finite: readonly number[]): (value: number) => string {
  const sizes = finite.map(Math.abs).filter((size) => size > 0);
  const [largest, smallest] = [Math.max(0, ...sizes), Math.min(Infinity, ...sizes)];
  if (largest < 1e10 && finite.every(Number.isInteger)) return (value) => String(value);
  if (largest >= 1e6 || smallest < 1e-4) return (value) => value.toExponential(digits);
  return (value) => value.toFixed(digits);
}
