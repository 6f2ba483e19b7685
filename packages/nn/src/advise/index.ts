export { advise } from './advise.js';
export type { AdviseOptions } from './AdviseOptions.js';
export type { Advice, AdvisedTask, ChoiceCost, MeasuredDecay, StrategyChoice } from './Advice.js';
export { strategyCode } from './choices.js';
