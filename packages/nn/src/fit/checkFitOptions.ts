import { ArgumentError, key } from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import { fingerprintIn } from '../data/fingerprint.js';
import type { Metrics } from '../metrics/index.js';
import { requireMetrics } from '../metrics/Measurements.js';
import { checkMetric } from '../watch/index.js';
import { checkAverage } from './average.js';
import { checkNormaliser } from './chooseNormaliser.js';
import { checkEarlyStopping } from './EarlyStopping.js';
import { requireScored } from './evaluate.js';
import type { FitOptions } from './FitOptions.js';
import { checkHealth } from './health/TrainingHealthOptions.js';
import { checkDeviation } from './noisy.js';
import { checkClip, dataKind, optimiserKind, paramsKind, signalKind, strategyKind, taskKind } from './kinds.js';

const fitTable = optionTable<FitOptions<unknown, unknown, unknown, unknown>>({
  task: required(taskKind),
  params: required(paramsKind),
  data: required(dataKind),
  strategy: required(strategyKind),
  optimiser: required(optimiserKind),
  clip: 'object or null',
  normaliser: 'number',
  accumulate: 'number',
  gradientNoise: 'number or function',
  weightNoise: 'number',
  average: 'object',
  earlyStopping: 'object',
  key: 'key',
  updates: 'number',
  epochs: 'number',
  signal: signalKind,
  checkpoint: 'object',
  evaluate: 'object',
  health: 'object',
  resume: 'object or null',
});

const checkpointTable = optionTable<NonNullable<FitOptions<unknown, unknown, unknown, unknown>['checkpoint']>>({
  store: required({ wanted: 'a store, such as fileCheckpointStore(path)', members: ['save', 'load'] }),
  every: 'number',
  everySeconds: 'number',
  metadata: 'object',
});

const evaluateTable = optionTable<NonNullable<FitOptions<unknown, unknown, unknown, unknown>['evaluate']>>({
  data: required(dataKind),
  every: required('number'),
  metrics: 'object',
  params: 'tree',
});

/** Refuses options that make no sense, before anything is made. */
export function checkFitOptions<P, C, S, O, M extends Metrics>(options: FitOptions<P, C, S, O, M>): void {
  if (typeof (options as { readonly clip?: unknown } | null | undefined)?.clip === 'number')
    throw new ArgumentError(
      'fit: clip must say what it bounds: { norm: 1 } for the norm, { value: 1 } for each number.',
    );
  checkOptions('fit', options, fitTable);
  const { updates, epochs, checkpoint, evaluate, clip, normaliser, strategy, task, accumulate } = options;
  const { metrics = {} } = evaluate ?? {};
  if (checkpoint !== undefined) {
    checkOptions('fit', checkpoint, checkpointTable, 'checkpoint');
    fingerprintIn(options.data);
  }
  if (evaluate !== undefined) {
    checkOptions('fit', evaluate, evaluateTable, 'evaluate');
    requireScored('fit', task, metrics);
    requireMetrics('fit', metrics);
  }
  if (options.health !== undefined) checkHealth(options.health);
  checkClip('fit', clip ?? null);
  checkNormaliser(normaliser);
  const counts = {
    updates,
    epochs,
    accumulate,
    'checkpoint.every': checkpoint?.every,
    'evaluate.every': evaluate?.every,
  };
  for (const [name, value] of Object.entries(counts)) {
    if (
      value === undefined ||
      (value === Infinity && name !== 'accumulate') ||
      (Number.isSafeInteger(value) && value >= 1)
    )
      continue;
    throw new ArgumentError(`fit: ${name} must be a whole number ≥ 1, but is ${value}.`);
  }
  const seconds = checkpoint?.everySeconds;
  if (seconds !== undefined && !(seconds > 0))
    throw new ArgumentError(`fit: checkpoint.everySeconds must be a number above 0, but is ${seconds}.`);
  const { gradientNoise = 0, weightNoise = 0, average, earlyStopping, optimiser, params } = options;
  if (typeof gradientNoise !== 'function') checkDeviation('gradientNoise', gradientNoise);
  checkDeviation('weightNoise', weightNoise);
  if (average !== undefined) checkAverage(average, params);
  const evaluated = evaluate === undefined ? null : Object.keys(metrics);
  if (earlyStopping !== undefined) checkEarlyStopping(earlyStopping, evaluated);
  const { watch } = optimiser.learningRate;
  if (watch !== undefined) checkMetric('reduceOnPlateau', watch.metric, evaluated);
  // A strategy refuses a task it cannot train when it starts.
  strategy.start(task, { key: key(0) }).dispose();
}
