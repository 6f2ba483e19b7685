import { tolerances, type Measure } from '@tempograd/conformance';
import { fromArray, scope, useBackend } from '@tempograd/core';
import type { Place } from '../places.js';
import { Random } from '../Random.js';
import type { Program } from './Builder.js';
import { inputCount, reference, type Expected, type Reference } from './reference.js';
import { asFunction, inputNumbers, questions, writeInputs, type Question } from './runProgram.js';

/** What came of a program on one backend, up to its first fault. */
export interface Examined {
  readonly comparisons: number;
  /** The largest error, as a share of what is allowed. */
  readonly worst: number;
  readonly fault: string | null;
}

type Kind = Exclude<keyof Reference, 'shape'>;

/** Of the suite's measures the one for each kind of result: programs are as recurrences, in which errors are carried on. */
const measures: Readonly<Record<Kind, Measure>> = {
  value: 'value',
  tangent: 'gradient',
  gradient: 'gradient',
  second: 'gradient',
};

/** Compares everything that can be asked of a program; `number` chooses the direction and the weights. */
export async function examine(program: Program, place: Place, number: number): Promise<Examined> {
  const random = new Random(number);
  const numbers = (count: number): Float64Array =>
    Float64Array.from({ length: count }, () => Math.fround(random.next() * 2 - 1));
  const direction = numbers(inputCount(program));
  const weights = numbers(96);
  const expected = reference(program, weights, direction);
  let [comparisons, worst] = [0, 0];
  const end = (fault: string | null): Examined => ({
    comparisons,
    worst,
    fault: fault && `${place.name}: ${fault}`,
  });
  useBackend(place.backend);
  for (const question of Object.keys(questions) as Question[]) {
    const kind = question.split(',')[0] as Kind;
    // Second derivatives lose too much in f32 to say anything.
    if (kind === 'second' && place.dtype === 'f32') continue;
    const before = place.backend.memory().buffers;
    try {
      const actual = await answer(program, place, question, { direction, weights, shape: expected.shape });
      const error = errorOf(actual, expected[kind]) / tolerances[place.dtype].recurrent[measures[kind]].bound;
      comparisons++;
      worst = Math.max(worst, error);
      if (!(error <= 1)) return end(`${question}: off by ${error.toPrecision(3)} times what is allowed`);
    } catch (cause) {
      return end(`${question}: threw ${String(cause)}`);
    }
    const left = place.backend.memory().buffers - before;
    if (left !== 0) return end(`${question}: left ${left} buffers`);
  }
  return end(null);
}

/** The largest difference, relative to the largest number on the way. */
function errorOf(actual: Float64Array, { numbers, scale }: Expected): number {
  if (actual.length !== numbers.length) return Infinity;
  return numbers.reduce(
    (most, wanted, index) => Math.max(most, Math.abs((actual[index] as number) - wanted) / scale),
    0,
  );
}

/** Asks one question; nothing stays on the backend. */
async function answer(
  program: Program,
  place: Place,
  question: Question,
  given: { readonly direction: Float64Array; readonly weights: Float64Array; readonly shape: readonly number[] },
): Promise<Float64Array> {
  const { backend, dtype } = place;
  const results = scope(() => {
    const x = writeInputs(program, inputNumbers(program), place);
    const direction = writeInputs(program, given.direction, place);
    const size = given.shape.reduce((product, length) => product * length, 1);
    const weights = fromArray(given.weights.slice(0, size), given.shape, { backend, dtype });
    return [...questions[question]({ fn: asFunction(program), x, direction, weights })];
  });
  const numbers: number[] = [];
  for (const result of results) {
    numbers.push(...(await result.read()));
    result.dispose();
  }
  return Float64Array.from(numbers);
}
