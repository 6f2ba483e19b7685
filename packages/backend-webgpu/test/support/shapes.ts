import type { Shape } from '@tempograd/core/backend';
import fc from 'fast-check';

/** Any shape, empty ones too. */
export const shapes = (maxRank = 4, maxLength = 6): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 0, max: maxLength }), { maxLength: maxRank });

/** A shape that broadcasts to `full`: some axes of length 1, some leading ones missing. */
export const stretchable = (full: Shape): fc.Arbitrary<number[]> =>
  fc
    .record({
      ones: fc.array(fc.boolean(), { minLength: full.length, maxLength: full.length }),
      drop: fc.nat(full.length),
    })
    .map(({ ones, drop }) => full.map((length, axis) => (ones[axis] ? 1 : length)).slice(drop));
