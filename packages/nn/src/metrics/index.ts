export { accuracy, topKAccuracy, type TopKOptions } from './accuracy.js';
export { confusionMatrix, type ConfusionMatrix } from './confusionMatrix.js';
export { f1Score, precision, recall, type AverageOptions } from './f1Score.js';
export type { Measurement, Metric, Metrics, MetricValues, PredictionKind, Scored, ScoredItems } from './Metric.js';
export { bitsPerCharacter, perplexity, type BitsOptions } from './perplexity.js';
export { mae, mase, rmse, type ErrorOptions, type MaseOptions, type TargetScaler } from './regression.js';
