export { fromFlaxLstm, type FlaxDense, type FlaxLstmWeights } from './flax.js';
export { fromKerasGru, fromKerasLstm, type KerasWeights } from './keras.js';
export type { ConvertTarget } from './layerOf.js';
export {
  fromOnnxGru,
  fromOnnxLstm,
  fromOnnxRnn,
  toOnnxWeights,
  type OnnxGruWeights,
  type OnnxTarget,
  type OnnxWeights,
} from './onnx.js';
