import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import { featuresOf } from '../model/ModelInput.js';
import { checkCausal } from './checkModel.js';
import { predictionOf } from './predictionOf.js';
import type { StepInput } from './stepInputs.js';
import type { Stream } from './Stream.js';
import type { TargetScaling } from './targetScaling.js';

/** How to go on into what nobody knows yet. */
export interface ForecastOptions {
  /**
   * What the model reads at a step ahead, of what it predicted for it and how many steps ahead it lies, from 1: adds what is known
   * before, such as the calendar. Default is the prediction, where that is all the model reads.
   */
  readonly inputs?: (predicted: Float64Array, ahead: number) => StepInput;
}

const forecastTable = optionTable<ForecastOptions>({ inputs: 'function' });

/**
 * The next `steps` steps as a stream's model sees them, flat, channels of a step side by side. What a model predicts at once is
 * taken as it is; beyond that its predictions are fed back to it. The stream stays where it is.
 */
export async function forecast(
  stream: Stream,
  steps: number,
  scaling: TargetScaling,
  options: ForecastOptions,
): Promise<Float64Array> {
  checkOptions('predictor.forecast', options, forecastTable);
  const { inputs: reader, model } = stream.pool;
  const { input, outputs, loss } = model.config;
  const features = featuresOf(input);
  const { channels } = scaling;
  if (!(Number.isSafeInteger(steps) && steps >= 0))
    throw new ArgumentError(`predictor.forecast: wanted is a number of steps, but it is ${String(steps)}.`);
  if (features === null || loss !== 'meanSquaredError')
    throw new ArgumentError(
      'predictor.forecast: numbers are forecast, by a model that reads features and predicts numbers.',
    );
  checkCausal('predictor.forecast', model);
  if (stream.last === null)
    throw new ArgumentError(
      'predictor.forecast: nothing was read yet that could go on. Give it the past: await predictor.run(past).',
    );
  const { inputs = itself } = options;
  const ahead = stream.fork();
  try {
    let known = scaling.inverse(predictionOf(await stream.last, loss));
    const result = new Float64Array(steps * channels);
    for (let step = 0; ;) {
      const wanted = result.subarray(step * channels);
      wanted.set(known.subarray(0, wanted.length));
      if (known.length >= wanted.length) return result;
      const items = Array.from({ length: outputs / channels }, (_, index) =>
        reader.one('predictor.forecast', inputs(known.slice(index * channels, (index + 1) * channels), ++step)),
      );
      known = scaling.inverse(predictionOf(await ahead.read(items), loss));
    }
  } finally {
    ahead.reset();
  }

  function itself(predicted: Float64Array): Float64Array {
    if (channels === features) return predicted;
    throw new ArgumentError(
      `predictor.forecast: the model reads ${features} features and predicts ${channels} of each step, so that it cannot read on what it predicts. ` +
        'Say what it reads ahead: forecast(steps, { inputs: (predicted, ahead) => [...predicted, …] }).',
    );
  }
}
