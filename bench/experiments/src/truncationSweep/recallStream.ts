import { foldIn, fromArray, uniformValues, type Key, type Tensor } from '@tempograd/core';
import type { DataSource } from '@tempograd/nn';

/** What is shown and asked, and when. */
export interface RecallTask {
  /** Steps from showing two bits to asking for the first and for the second. */
  readonly lags: readonly [number, number];
  /** Steps from showing two bits to the next time, at least; up to a fifth more. */
  readonly block: number;
  readonly batch: number;
}

/** Channels: the two bits as ±1 where they are shown, and 1 where the first or the second is asked for. */
export const channels = 4;

/** Steps of the stream, `[time, batch, …]`. */
export interface RecallStretch {
  readonly inputs: Tensor;
  readonly targets: Tensor;
  readonly lossMask: Tensor;
}

/** The stream as numbers, row-major. */
interface Recall {
  readonly inputs: Float32Array;
  readonly targets: Int32Array;
  readonly asked: Int32Array;
}

/** Of so many steps one asks, in the mean. */
export function stepsPerQuestion({ block }: RecallTask): number {
  return (block * 1.1) / 2;
}

/**
 * A stream that never repeats: now and then two bits are shown; the first is asked for soon, the second late. Between them nothing
 * goes in. Who cannot look back to what was shown has a loss of ln 2 a question, who can for the first, half of that.
 * Stretches of `steps` steps out of `time`; rows begin at different places.
 */
export function recallStream(key: Key, task: RecallTask, time: number, steps: number): DataSource<RecallStretch> {
  const all = drawRecall(key, task, time);
  const count = Math.floor(time / steps);
  return {
    stretches: count,
    async *open({ index }) {
      for (let at = index; at < count; at++) {
        yield await Promise.resolve({ stretch: stretchOf(all, at * steps, steps, task.batch), ends: at === count - 1 });
      }
    },
  };
}

/** One stretch alone. */
export function recallStretch(key: Key, task: RecallTask, time: number): RecallStretch {
  return stretchOf(drawRecall(key, task, time), 0, time, task.batch);
}

function drawRecall(key: Key, { lags, block, batch }: RecallTask, time: number): Recall {
  const inputs = new Float32Array(time * batch * channels);
  const targets = new Int32Array(time * batch);
  const asked = new Int32Array(time * batch);
  for (let row = 0; row < batch; row++) {
    const draws = uniformValues(foldIn(key, row), 3 * Math.ceil(time / block) + 4);
    const next = draws[Symbol.iterator]();
    const draw = (): number => next.next().value as number;
    for (let begin = Math.floor(draw() * block); begin < time; begin += block + Math.floor(draw() * (block / 5))) {
      lags.forEach((lag, which) => {
        const bit = draw() < 0.5 ? 0 : 1;
        inputs[(begin * batch + row) * channels + which] = 2 * bit - 1;
        const at = (begin + lag) * batch + row;
        if (begin + lag >= time) return;
        inputs[at * channels + 2 + which] = 1;
        targets[at] = bit;
        asked[at] = 1;
      });
    }
  }
  return { inputs, targets, asked };
}

function stretchOf({ inputs, targets, asked }: Recall, begin: number, steps: number, batch: number): RecallStretch {
  const [from, to] = [begin * batch, (begin + steps) * batch];
  return {
    inputs: fromArray(inputs.subarray(from * channels, to * channels), [steps, batch, channels]),
    targets: fromArray(targets.subarray(from, to), [steps, batch], { dtype: 'i32' }),
    lossMask: fromArray(asked.subarray(from, to), [steps, batch], { dtype: 'i32' }),
  };
}
