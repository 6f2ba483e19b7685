import { ArgumentError, type Key, type Shape } from '@tempograd/core';
import { formatShape } from '@tempograd/core/backend';

/**
 * Starting values for a parameter of a given shape, row-major. Drawn on the host in float64 from a counter-based key, so that a
 * model starts from the same numbers on every backend. Anybody can write one: `(key, shape) => values`.
 */
export type Initialiser = (key: Key, shape: Shape) => ArrayLike<number>;

/** Rows and columns of a weight: `[outputs, inputs]`, so that the fan in is the columns and the fan out the rows. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** Fans of a weight matrix. @throws ArgumentError when the shape is not a matrix. */
export function fansOf(name: string, shape: Shape): Fans {
  const [fanOut, fanIn] = shape;
  if (shape.length !== 2 || fanOut === undefined || fanIn === undefined) {
    throw new ArgumentError(
      `${name}: is for weight matrices [outputs, inputs], but the shape is ${formatShape(shape)}; use zeroInit or constantInit.`,
    );
  }
  return { fanIn, fanOut };
}
