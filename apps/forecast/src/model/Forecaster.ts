import { fullBptt, key as keyOf } from '@tempograd/core';
import { adam, fit, fitScaler, predictor, sequenceModel, windows, type Series } from '@tempograd/nn';
import type { NamedSeries } from '../series/NamedSeries.js';
import { changesAhead, features } from './features.js';

/** How to train a forecaster. */
export interface ForecasterOptions {
  /** Steps forecast at once. */
  readonly horizon: number;
  /** Steps of the series, from the first, that are trained on. */
  readonly training: number;
  readonly hidden: number;
  readonly epochs: number;
  readonly seed: number;
  /** Told after each update: how far training is, from 0 to 1, and the loss. */
  readonly progress?: (share: number, loss: number) => void;
  readonly signal?: AbortSignal;
}

/** The forecasts of a series: at each step the values of the next `horizon`. */
export type Forecasts = readonly (readonly number[])[];

/**
 * Trains a GRU on the first part of a series, scaled by that part alone, and forecasts from every step of it, also those after. What is
 * forecast from a step depends on the values up to it and on nothing else.
 */
export async function forecastsOf(series: NamedSeries, options: ForecasterOptions): Promise<Forecasts> {
  const { times, values, season, calendar } = series;
  const { horizon, training, hidden, epochs, seed, progress, signal } = options;
  const read = features(times, values, season, calendar);
  const changes = changesAhead(values, horizon);
  // The last steps of the training part are targets only: what they would forecast is held out.
  const steps = training - horizon;
  const known = head(read, steps);
  const inputScaler = fitScaler(known);
  const targetScaler = fitScaler(changes.slice(0, steps));
  const length = Math.min(steps, 3 * horizon);
  const data = windows(inputScaler.transform(known), {
    targets: targetScaler.transform(changes.slice(0, steps)),
    length,
    stride: Math.max(1, Math.floor(length / 6)),
    batch: 16,
    shuffle: keyOf(seed),
  });
  const inputs = Object.keys(read).length;
  const model = sequenceModel({ input: { features: inputs }, cell: 'gru', hidden, outputs: horizon });
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
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const { update, loss } of updating) progress?.(update / updates, loss);
  const scaled = Object.values(inputScaler.transform(read));
  const rows = Array.from(values, (_, step) => scaled.map((column) => column[step] as number));
  const outputs = await predictor(model, params).run(rows);
  return outputs.map((output, step) =>
    Array.from(targetScaler.inverse(Array.from(output)), (change) => (values[step] as number) + change),
  );
}

function head<S extends Record<string, Float64Array>>(columns: S, steps: number): S & Series {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.subarray(0, steps)])) as S;
}
