export { isBetter, type Direction } from './isBetter.js';
export { checkMetric, requireDirection, watchedValue, type WatchedMetric, type WatchedStep } from './watchedValue.js';
