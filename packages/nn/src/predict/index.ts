export { generate, type GenerateOptions } from './generate.js';
export type { ForecastOptions } from './forecast.js';
export { forecastBand, type ForecastBand, type ForecastBandOptions } from './forecastBand.js';
export { predictor, type Predictor, type PredictorOptions } from './predictor.js';
export type { SingleStepInput, StepInput, StepsInput } from './stepInputs.js';
export type { StepOutput } from './StreamPool.js';
export type { StopCondition } from './StopText.js';
export type { Targets } from './targetScaling.js';
export type { SampleOptions, WriteOptions } from './writeOptions.js';
