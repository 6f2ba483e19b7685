export type {
  Backend,
  BackendInfo,
  Capabilities,
  DType,
  FloatDType,
  MemoryInfo,
  Shape,
  TypedArray,
} from './backend/index.js';
export {
  ArgumentError,
  BackendError,
  DTypeError,
  LifetimeError,
  OutOfMemoryError,
  ShapeError,
  TempogradError,
  TraceError,
} from './backend/index.js';
export * from './tensor/index.js';
export * from './autodiff/index.js';
export * from './batching/index.js';
export * from './random/index.js';
export * from './tracing/index.js';
export * from './recurrence/index.js';
export * from './strategies/index.js';
export * from './credit/index.js';
