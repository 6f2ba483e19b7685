import type { Check } from '../check/Check.js';
import type { OpClass } from '../check/tolerances.js';
import { at, build, type HostArray } from '../host/HostArray.js';
import { map } from '../host/indexing.js';
import { valuesOn, type TensorFunction } from './evaluate.js';

/** Step of the finite differences in each dtype: a power of two, so that adding it to f32 numbers loses little. */
const steps = { f32: 2 ** -6, f64: 2 ** -13 } as const;

/** `Σ a·b` over lists of host arrays. */
export function innerProduct(a: readonly HostArray[], b: readonly HostArray[]): number {
  let total = 0;
  for (const [index, x] of a.entries()) {
    const other = (b[index] as HostArray).values;
    let sum = 0;
    for (let i = 0; i < x.values.length; i++) sum += (x.values[i] as number) * (other[i] as number);
    total += sum;
  }
  return total;
}

/** `√Σ x²` over host arrays. */
export function normOf(xs: readonly HostArray[]): number {
  return Math.sqrt(innerProduct(xs, xs));
}

/**
 * The derivatives of `fn` along each of `directions`, null for inputs that stand still, by central differences with Richardson extrapolation:
 * `(4·D(h) − D(2h)) / 3` with `D(h) = (fn(x + h·v) − fn(x − h·v)) / 2h`, on the device under test.
 */
export async function differenceQuotients(
  check: Check,
  fn: TensorFunction,
  inputs: readonly HostArray[],
  directions: readonly (readonly (HostArray | null)[])[],
): Promise<HostArray[][]> {
  const h = steps[check.dtype];
  const moved = (direction: readonly (HostArray | null)[], factor: number): HostArray[] =>
    inputs.map((x, index) => {
      const along = direction[index] ?? null;
      return x.kind === 'i32' || along === null ? x : build(x.shape, (i) => at(x, i) + factor * h * at(along, i));
    });
  const points = directions.flatMap((direction) => [1, -1, 2, -2].map((factor) => moved(direction, factor)));
  const values = await valuesOn(check.device, fn, points);
  return directions.map((_, order) => {
    const [plus, minus, plusTwo, minusTwo] = values.slice(4 * order, 4 * order + 4) as [
      HostArray[],
      HostArray[],
      HostArray[],
      HostArray[],
    ];
    return plus.map((y, index) =>
      build(y.shape, (i) => {
        const one = at(y, i) - at(minus[index] as HostArray, i);
        const two = at(plusTwo[index] as HostArray, i) - at(minusTwo[index] as HostArray, i);
        return (8 * one - two) / (12 * h);
      }),
    );
  });
}

/**
 * Checks gradients of the float inputs against finite differences along random directions, of one input at a time or of all
 * together; errors count relative to the norm of the gradient, the usual size of a directional derivative.
 */
export async function compareWithDifferences(
  check: Check,
  fn: TensorFunction,
  inputs: readonly HostArray[],
  cotangents: readonly HostArray[],
  gradients: readonly HostArray[],
  opClass: OpClass,
): Promise<void> {
  const moving = inputs
    .map((x, index) => ({ x, index }))
    .filter(({ x }) => x.kind === 'float')
    .map((each, order) => ({ ...each, gradient: gradients[order] as HostArray }))
    .filter(({ x }) => x.values.length > 0)
    .map((each) => ({ ...each, direction: check.sample.signs(each.x.shape) }));
  const jointly = check.context.differences === 'jointly' && moving.length > 1;
  // Together they go about as far as one would by itself, again by a power of two: what extrapolation leaves grows with a high power of it.
  const pace = jointly ? 2 ** -Math.ceil(Math.log2(moving.length) / 2) : 1;
  const moves = jointly ? [moving] : moving.map((each) => [each]);
  const directions = moves.map((members) =>
    inputs.map((_, index) => {
      const direction = members.find((each) => each.index === index)?.direction;
      return direction === undefined ? null : map(direction, (sign) => pace * sign);
    }),
  );
  const quotients = await differenceQuotients(check, fn, inputs, directions);
  for (const [order, members] of moves.entries()) {
    const along = members.map(({ direction }) => direction);
    const gradient = members.map((each) => each.gradient);
    const expected = innerProduct(quotients[order] as HostArray[], cotangents) / pace;
    check.compareNumber(innerProduct(gradient, along), expected, normOf(gradient), {
      measure: 'differences',
      opClass,
      what: `the derivative along a random direction of ${nameOf(members.map(({ index }) => index))}`,
    });
  }
}

function nameOf(inputs: readonly number[]): string {
  return inputs.length === 1 ? `input ${inputs[0]}` : `inputs ${inputs.slice(0, -1).join(', ')} and ${inputs.at(-1)}`;
}
