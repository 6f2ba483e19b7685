import { foldIn, fromArray, key, uniformValues, type Tensor } from '@tempograd/core';
import { contiguousStreams, type DataSource, type SequenceModelConfig } from '@tempograd/nn';
import { heldOutText } from '../cellsOnText/HeldOutText.js';

/** A task, its two sets of data, and how it is trained. */
export interface LengthTask {
  readonly name: string;
  readonly model: SequenceModelConfig;
  readonly training: DataSource<LengthStretch>;
  readonly heldOut: DataSource<LengthStretch>;
  readonly updates: number;
  readonly learningRate: number;
}

/** Steps of a stream, `[time, batch, …]`. */
export interface LengthStretch {
  readonly inputs: Tensor;
  readonly targets: Tensor;
}

/** How much of a task there is. */
export interface TaskSize {
  readonly hidden: number;
  readonly batch: number;
  readonly updates: number;
  readonly learningRate: number;
}

/** Steps of a stretch to train on, and to evaluate on. */
const [trained, evaluated] = [4, 100];
const heldOutStretches = 6;

/** Bits without end, ±1; at each step the one `lag` steps before is asked for. */
export function echoTask(lag: number, size: TaskSize, seed: number): LengthTask {
  return bitsTask(`echo of ${lag}`, lag, (at) => at(lag), size, seed);
}

/**
 * Bits without end; at each step the answer is 1 with probability `½ + ½ x_{t−first} − ¼ x_{t−second}`, x being 0 or 1. Who does not look
 * loses 0.66156 nats a step, who looks at the first 0.51917, who looks at both 0.45445.
 */
export function additionTask(first: number, second: number, size: TaskSize, seed: number): LengthTask {
  const answer = (at: (lag: number) => number, draw: number): number =>
    draw < 0.5 + 0.5 * at(first) - 0.25 * at(second) ? 1 : 0;
  return bitsTask(`addition of ${first} and ${second}`, Math.max(first, second), answer, size, seed);
}

/** What is asked for, from the bits before and a number of [0, 1). */
type Answer = (at: (lag: number) => number, draw: number) => number;

function bitsTask(
  name: string,
  reach: number,
  answer: Answer,
  { hidden, batch, ...rest }: TaskSize,
  seed: number,
): LengthTask {
  const source = { reach, batch, answer };
  return {
    name,
    model: { input: { features: 1 }, hidden, outputs: 2, loss: 'crossEntropy' },
    training: bitStream(source, trained, rest.updates, seed),
    heldOut: bitStream(source, evaluated, heldOutStretches, seed + 1),
    ...rest,
  };
}

function bitStream(
  { reach, batch, answer }: { reach: number; batch: number; answer: Answer },
  steps: number,
  stretches: number,
  seed: number,
): DataSource<LengthStretch> {
  const length = steps * stretches;
  const rows = Array.from({ length: batch }, (_, row) => uniformValues(foldIn(key(seed), row), 2 * length + reach));
  const draw = (row: number, at: number): number => (rows[row] as Float64Array)[at] as number;
  const bit = (row: number, at: number): number => (draw(row, at) < 0.5 ? 0 : 1);
  return {
    stretches,
    async *open({ index }) {
      for (let at = index; at < stretches; at++) {
        const places = Array.from({ length: steps * batch }, (_, place) => ({
          row: place % batch,
          step: reach + at * steps + Math.floor(place / batch),
        }));
        const read = places.map(({ row, step }) => 2 * bit(row, step) - 1);
        const asked = places.map(({ row, step }) => answer((lag) => bit(row, step - lag), draw(row, length + step)));
        const inputs = fromArray(read, [steps, batch, 1]);
        const targets = fromArray(asked, [steps, batch], { dtype: 'i32' });
        yield await Promise.resolve({ stretch: { inputs, targets }, ends: at === stretches - 1 });
      }
    },
  };
}

/** The next character of a text. */
export async function charactersTask(
  text: string | undefined,
  { hidden, batch, ...rest }: TaskSize,
): Promise<LengthTask> {
  const { vocabulary, training, heldOut } = await heldOutText(text, 260_000);
  const { size } = vocabulary;
  return {
    name: 'characters',
    model: { input: { vocabulary: size, embedding: 16 }, hidden, outputs: size },
    training: contiguousStreams(training, { vocabulary, batch, steps: trained }),
    heldOut: contiguousStreams(heldOut, { vocabulary, batch: 8, steps: evaluated }),
    ...rest,
  };
}
