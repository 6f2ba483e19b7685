import { array, assert, asyncProperty, constantFrom, integer, type Arbitrary } from 'fast-check';
import type { Check } from './Check.js';
import { ConformanceError } from './ConformanceError.js';

export { boolean, constantFrom, integer, record, tuple, type Arbitrary } from 'fast-check';

/** How many examples of each property are tried. */
const runs = 25;

/**
 * Tries `body` on random examples and, where one fails, on simpler ones.
 * @throws ConformanceError with the simplest failing example; the case's seed makes it again.
 */
export async function forAll<T>(
  check: Check,
  examples: Arbitrary<T>,
  describe: (example: T) => string,
  body: (example: T) => Promise<void>,
): Promise<void> {
  let failing: { example: T; cause: unknown } | null = null;
  const property = asyncProperty(examples, async (example) => {
    try {
      await body(example);
    } catch (cause) {
      failing = { example, cause };
      throw cause;
    }
  });
  try {
    await assert(property, { seed: check.sample.integer(0, 2 ** 31 - 1), numRuns: runs, endOnFailure: false });
  } catch (error) {
    const last = failing as { example: T; cause: unknown } | null;
    if (last === null) throw error;
    const message = last.cause instanceof Error ? last.cause.message : String(last.cause);
    throw new ConformanceError(`for ${describe(last.example)}: ${message}`, { cause: error });
  }
}

/** Shapes of up to `rank` axes, now and then with an axis of length 0 or 1. */
export function shapes(rank: number, longest = 6): Arbitrary<number[]> {
  return array(integer({ min: 0, max: longest }), { maxLength: rank });
}

/** Two shapes that broadcast. */
export function broadcastingPairs(): Arbitrary<[number[], number[]]> {
  return array(
    integer({ min: 0, max: 5 }).chain((length) => constantFrom([length, length], [1, length], [length, 1])),
    { maxLength: 4 },
  ).chain((axes) =>
    integer({ min: 0, max: axes.length }).map((dropped): [number[], number[]] => [
      axes.map(([length]) => length),
      axes.slice(dropped).map(([, length]) => length),
    ]),
  );
}
