export { contextFor, dropout, type DropoutLayer } from './dropout.js';
export { embedding, type EmbeddingLayer, type EmbeddingOptions, type EmbeddingParams } from './embedding.js';
export { layerNorm, type LayerNormLayer, type LayerNormOptions, type LayerNormParams } from './layerNorm.js';
export { linear, type LinearLayer, type LinearOptions, type LinearParams } from './linear.js';
export type { InitOptions } from './parameter.js';
export * from './recurrent/index.js';
