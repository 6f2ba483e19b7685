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
export * from './elementwise.js';
export * from './layout.js';
export * from './matmul.js';
export type { TensorLike } from './operands.js';
export * from './reduce.js';
export * from './rows.js';
