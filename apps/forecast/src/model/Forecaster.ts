import { fullBptt, key as keyOf, type Key } from '@tempograd/core';
import { adam, fit, fitScaler, predictor, sequenceModel, windows } from '@tempograd/nn';
import type { NamedSeries } from '../series/NamedSeries.js';
import { changesAhead, features } from './features.js';

/** How to train a forecaster. */
export interface ForecasterOptions {
  /** Steps forecast at once. */
  readonly horizon: number;
  /** Steps of the series, from the first, that are trained on. */
  readonly training: number;
  /** Steps, from the first, that training may look at to know when to stop: the ones after `training` are its validation part. */
  readonly validation: number;
  readonly hidden: number;
  /** At most; it ends when the validation part is forecast no better for some. */
  readonly epochs: number;
  readonly seed: number;
  /** Told after each update: how far training is, from 0 to 1, and the loss. */
  readonly progress?: (share: number, loss: number) => void;
  readonly signal?: AbortSignal;
}

/** Epochs without a better forecast of the validation part that are borne. */
const patience = 10;

type Columns = Readonly<Record<string, Float64Array>>;

/** The forecasts of a series: at each step the values of the next `horizon`. */
export type Forecasts = readonly (readonly number[])[];

/**
 * Trains a GRU on the first part of a series, scaled by that part alone, and forecasts from every step of it, also those after. What is
 * forecast from a step depends on the values up to it and on nothing else.
 */
export async function forecastsOf(series: NamedSeries, options: ForecasterOptions): Promise<Forecasts> {
  const { times, values, season, calendar } = series;
  const { horizon, training, validation, hidden, epochs, seed, progress, signal } = options;
  const read = features(times, values, season, calendar);
  const changes = changesAhead(values, horizon);
  // The last steps of the training part are targets only: what they would forecast is held out.
  const steps = training - horizon;
  const inputScaler = fitScaler(between(read, 0, steps));
  const targetScaler = fitScaler(changes.slice(0, steps));
  const inputs = inputScaler.transform(read);
  const targets = targetScaler.transform(changes);
  const length = Math.min(steps, 3 * horizon);
  const stride = Math.max(1, Math.floor(length / 6));
  const part = (from: number, to: number, context: number, shuffle?: Key) =>
    windows(between(inputs, from, to), {
      targets: targets.slice(from, to),
      length,
      stride,
      batch: 16,
      context,
      ...(shuffle === undefined ? {} : { shuffle }),
    });
  const data = part(0, steps, 0, keyOf(seed));
  const model = sequenceModel({
    input: { features: Object.keys(inputs).length },
    cell: 'gru',
    hidden,
    outputs: horizon,
  });
  const params = model.init(keyOf(seed));
  const updates = epochs * (data.stretches as number);
  const updating = fit({
    task: model,
    params,
    data,
    strategy: fullBptt(),
    optimiser: adam({ learningRate: 0.005 }),
    clip: { norm: 1 },
    epochs,
    evaluate: { data: part(training - length, validation - horizon, length), every: data.stretches as number },
    earlyStopping: { patience },
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const { update, loss } of updating) progress?.(update / updates, loss);
  const scaled = Object.values(inputs);
  const rows = Array.from(values, (_, step) => scaled.map((column) => column[step] as number));
  const outputs = await predictor(model, params).run(rows);
  return outputs.map((output, step) =>
    Array.from(targetScaler.inverse(Array.from(output)), (change) => (values[step] as number) + change),
  );
}

function between(columns: Columns, from: number, to: number): Columns {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.subarray(from, to)]));
}
