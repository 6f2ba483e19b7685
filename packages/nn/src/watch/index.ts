export { isBetter, type Direction } from './isBetter.js';
export { checkMetric, watchedValue, type WatchedMetric, type WatchedStep } from './watchedValue.js';
