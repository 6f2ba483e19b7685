import { ArgumentError } from '@tempograd/core';
import type { ModelInput, NamedInputs, ResolvedConfig } from '@tempograd/nn';

/** The configuration of a model whose cells have an operator. */
export type ExpressibleConfig = Omit<ResolvedConfig<ModelInput | NamedInputs>, 'cell'> & {
  readonly cell: 'lstm' | 'gru' | 'rnnTanh' | 'rnnRelu';
};

/** Every setting of a model that the exported graph follows, or that has no bearing on what a trained model gives. */
const followed: Readonly<Record<keyof ResolvedConfig, true>> = {
  input: true,
  cell: true,
  hidden: true,
  layers: true,
  bidirectional: true,
  dropout: true,
  learnedCarry: true,
  forgetBias: true,
  chrono: true,
  outputs: true,
  loss: true,
  tieWeights: true,
  labelSmoothing: true,
  ignoreIndex: true,
  paddingIndex: true,
  classWeights: true,
  initialisers: true,
  pooling: true,
  layerNorm: true,
  residual: true,
};

/** @throws ArgumentError naming what an exported graph would not do as the model does. */
export function requireExpressible(
  config: ResolvedConfig<ModelInput | NamedInputs>,
  lengths: boolean,
): asserts config is ExpressibleConfig {
  const unknown = Object.keys(config).filter((name) => !Object.hasOwn(followed, name));
  if (unknown.length > 0) {
    throw new ArgumentError(`exportOnnx: models with ${unknown.join(', ')} cannot be exported.`);
  }
  const { cell, paddingIndex } = config;
  if (typeof cell !== 'string') {
    throw new ArgumentError(
      `exportOnnx: models with the cell "${cell.name}" cannot be exported: ONNX has operators for lstm, gru, rnnTanh and rnnRelu.`,
    );
  }
  if (lengths && paddingIndex !== null) {
    throw new ArgumentError(
      'exportOnnx: the model has a paddingIndex, from which the lengths are counted; leave the option lengths out.',
    );
  }
}
