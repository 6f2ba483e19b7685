const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** A number beside an axis: `1,000`, `0.05`, `10⁻⁶`, `2×10⁷`. */
export function tickText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) {
    const [mantissa = '', exponent = ''] = value.toExponential().split('e');
    const short = Number(Number(mantissa).toPrecision(3));
    const power = `10${raised(Number(exponent))}`;
    return Math.abs(short) === 1 ? `${short < 0 ? '−' : ''}${power}` : `${signed(short)}×${power}`;
  }
  return signed(Number(value.toPrecision(6)));
}

function raised(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((digit) => superscripts[Number(digit)]).join('');
  return exponent < 0 ? `⁻${digits}` : digits;
}

function signed(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 6 }).replace('-', '−');
}

/** Where a logarithmic axis has its marks: at powers of ten, about `wanted` of them; at 1, 2 and 5 times these where it has few. */
export function logTicks([low, high]: readonly [number, number], wanted: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const every = Math.max(1, Math.ceil((last - first) / wanted));
  const factors = last - first <= 2 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = Math.ceil(first / every) * every; power <= last; power += every) {
    for (const factor of factors) ticks.push(Number(`${factor}e${power}`));
  }
  return ticks.filter((tick) => tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9));
}

/** A share of 1: `98%`; near all `99.7%`, and never 100% unless it is all. */
export function percent(share: number): string {
  if (share === 1 || share < 0.99) return `${Math.round(share * 100)}%`;
  return `${Math.min(99.99, Number((share * 100).toPrecision(share > 0.999 ? 4 : 3)))}%`;
}
