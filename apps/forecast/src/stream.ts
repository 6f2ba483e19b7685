import { learnOnline } from './online/learnOnline.js';
import { readNumbers } from './online/readNumbers.js';
import type { Options } from './program.js';

/** Learns from standard input, and writes a line after each value. */
export async function stream({ hidden, seed, band }: Options): Promise<void> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  if (process.stdin.isTTY) console.error('Type numbers, one a line; Ctrl-D ends.');
  console.log(`count\tvalue\tnext\tfrom\tto\terror/naive`);
  const forecasts = learnOnline(readNumbers(process.stdin), { hidden, seed, share: band, signal: stop.signal });
  for await (const { count, value, next, reach, relativeError } of forecasts) {
    const edges = reach === null ? ['–', '–'] : [shown(next - reach), shown(next + reach)];
    console.log([count, value, shown(next), ...edges, relativeError?.toFixed(3) ?? '–'].join('\t'));
  }
}

function shown(value: number): string {
  return String(Number(value.toPrecision(6)));
}
