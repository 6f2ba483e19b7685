import { ArgumentError } from '@tempograd/core';
import type { ResolvedConfig } from '@tempograd/nn';

/** The configuration of a model whose cells have an operator. */
export type ExpressibleConfig = Omit<ResolvedConfig, 'cell'> & {
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
export function requireExpressible(config: ResolvedConfig, lengths: boolean): asserts config is ExpressibleConfig {
  const unknown = Object.keys(config).filter((name) => !Object.hasOwn(followed, name));
  if (unknown.length > 0) {
    throw new ArgumentError(`exportOnnx: models with ${unknown.join(', ')} cannot be exported.`);
  }
  const { cell, pooling, layerNorm, residual } = config;
  const unlike = Object.entries({ pooling: pooling !== 'none', layerNorm, residual }).filter(([, given]) => given);
  if (typeof cell !== 'string' || unlike.length > 0) {
    const names = typeof cell === 'string' ? unlike.map(([name]) => name) : [`the cell "${cell.name}"`];
    throw new ArgumentError(`exportOnnx: models with ${names.join(', ')} cannot be exported.`);
  }
  if (lengths && config.paddingIndex !== null) {
    throw new ArgumentError(
      'exportOnnx: the model has a paddingIndex, from which the lengths are counted; leave the option lengths out.',
    );
  }
}
