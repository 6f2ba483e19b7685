export * from './convert/index.js';
export * from './init/index.js';
export * from './layers/index.js';
export * from './loss/index.js';
export * from './model/index.js';
export * from './optim/index.js';
export * from './safetensors/index.js';
