export { gelu, elu, leakyRelu, logSigmoid, silu, softplus } from './activations.js';
export type { AxisOptions } from './along.js';
export { argmax, argmin, type ArgOptions } from './argmax.js';
export * from './arrange.js';
export {
  fromArray,
  full,
  ones,
  onesLike,
  scalar,
  tensor,
  zeros,
  zerosLike,
  type CreateOptions,
  type NestedNumbers,
} from './create.js';
export * from './cumulative.js';
export * from './elementwise.js';
export * from './layout.js';
export * from './logic.js';
export * from './matmul.js';
export { oneHot, type OneHotOptions } from './oneHot.js';
export type { TensorLike } from './operands.js';
export { dot, outer } from './products.js';
export * from './ranges.js';
export { max, mean, min, prod, sum, type ReduceOptions } from './reduce.js';
export * from './rounding.js';
export * from './rows.js';
export { logSoftmax, logSumExp, softmax, type SoftmaxOptions } from './softmax.js';
export * from './sort.js';
export { norm, std, variance, type NormOptions, type VarianceOptions } from './statistics.js';
export { takeAlong } from './takeAlong.js';
