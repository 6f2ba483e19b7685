export { bernoulli, normal, uniform, uniformValues, type DrawOptions } from './draw.js';
export { foldIn, foldInName, key, split, type Key } from './key.js';
