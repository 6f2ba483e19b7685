import { tolerances } from '@tempograd/conformance';
import * as tg from '@tempograd/core';
import { Random } from '../Random.js';
import type { Place } from '../places.js';
import { applyLayer, layerForm, type Layer } from './sampleLayer.js';

/** What a place gives for a layer: its outputs and carry, and the gradient of their weighted sum, a list for each tensor. */
interface Answer {
  readonly value: readonly Float64Array[];
  readonly gradient: readonly Float64Array[];
}

/** Every fault of a layer: on js against the host, elsewhere against js; places whose names begin alike must agree to the bit. */
export async function examineLayer(layer: Layer, js: Place, others: readonly Place[], seed: number): Promise<string[]> {
  const random = new Random(seed);
  const count = layer.leaves.reduce((sum, { numbers }) => sum + numbers.length, 0);
  const numbers = (length: number): Float64Array => Float64Array.from({ length }, () => random.next() * 2 - 1);
  const directions = [numbers(count), numbers(count)] as const;
  const { time, batch, hidden, cell } = layer;
  const weights = [[time, batch, hidden], ...(cell === 'lstm' ? [1, 2] : [1]).map(() => [batch, hidden])].map(
    (shape) => ({
      shape,
      numbers: numbers(shape.reduce((product, length) => product * length, 1)),
    }),
  );
  let margin = Infinity;
  const form = layerForm(layer, directions, (distance) => {
    margin = Math.min(margin, distance);
  });
  const faults: string[] = [];
  const complain = (place: Place, what: string, error: number, bound: number): void => {
    if (!(error <= bound))
      faults.push(`${place.name}: ${what} is off by ${error.toExponential(1)}, more than ${bound}`);
  };
  const exact = await answerOf(layer, js, weights, faults);
  if (exact === null) return faults;
  const value = Float64Array.from(form, ({ v }) => v);
  complain(js, 'the value', apart([flat(exact.value)], [value]), tolerances.f64.recurrent.value.bound);
  const gradient = flat(exact.gradient);
  const cotangent = flat(weights.map((x) => x.numbers));
  (['a', 'b'] as const).forEach((part, index) => {
    const terms = form.map((x, place) => x[part] * cotangent[place]!);
    const size = Math.max(1, Math.hypot(...gradient));
    const along = dot(gradient, directions[index]!);
    const error = Math.abs(along - terms.reduce((sum, term) => sum + term, 0)) / size;
    complain(js, 'the gradient along a direction', error, tolerances.f64.recurrent.gradient.bound);
  });
  const byBuild = new Map<string, { readonly place: Place; readonly answer: Answer }>();
  for (const place of others) {
    const answer = await answerOf(layer, place, weights, faults);
    if (answer === null) continue;
    const { value: ofValue, gradient: ofGradient } = tolerances[place.dtype].recurrent;
    complain(place, 'the value', apart(answer.value, exact.value), ofValue.bound);
    // In f32 a number so near to the kink may lie on the other side of it.
    if (margin > 3e-5) complain(place, 'the gradient', apart(answer.gradient, exact.gradient), ofGradient.bound);
    const build = place.name.split(',')[0] as string;
    const first = byBuild.get(build);
    if (first === undefined) byBuild.set(build, { place, answer });
    else if (!sameBits(first.answer, answer)) faults.push(`${place.name}: other bits than ${first.place.name}`);
  }
  return faults;
}

async function answerOf(
  layer: Layer,
  place: Place,
  weights: Layer['leaves'],
  faults: string[],
): Promise<Answer | null> {
  const { backend, dtype } = place;
  const before = backend.memory().buffers;
  tg.useBackend(backend);
  try {
    const write = ({ shape, numbers }: Layer['leaves'][number]): tg.Tensor =>
      tg.fromArray(numbers, shape, { backend, dtype });
    const results = tg.scope(() => {
      const { value, pullback } = tg.vjp(applyLayer(layer, place), layer.leaves.map(write));
      using back = pullback;
      return { value, gradient: back(weights.map(write)) };
    });
    const read = (xs: readonly tg.Tensor[]): Promise<Float64Array[]> =>
      Promise.all(xs.map(async (x) => Float64Array.from(await x.read())));
    const answer = { value: await read(results.value), gradient: await read(results.gradient) };
    tg.disposeTree(results);
    const left = backend.memory().buffers - before;
    if (left !== 0) faults.push(`${place.name}: left ${left} buffers`);
    return answer;
  } catch (error) {
    faults.push(`${place.name}: threw ${String(error)}`);
    return null;
  }
}

/** The largest difference, relative to the largest number of its tensor; numbers under 0.01 count as 0.01. */
export function apart(actual: readonly Float64Array[], expected: readonly Float64Array[]): number {
  return Math.max(
    ...expected.map((list, index) => {
      const given = actual[index];
      if (given?.length !== list.length) return Infinity;
      const scale = list.reduce((most, x) => Math.max(most, Math.abs(x)), 0.01);
      return list.reduce((most, x, place) => {
        const error = Math.abs(x - given[place]!) / scale;
        return Number.isNaN(error) ? Infinity : Math.max(most, error);
      }, 0);
    }),
  );
}

function sameBits(a: Answer, b: Answer): boolean {
  const lists = [...a.value, ...a.gradient];
  const others = [...b.value, ...b.gradient];
  return lists.every((list, index) => list.every((x, place) => Object.is(x, others[index]![place])));
}

function flat(lists: readonly Float64Array[]): Float64Array {
  return Float64Array.from(lists.flatMap((list) => [...list]));
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, index) => sum + x * b[index]!, 0);
