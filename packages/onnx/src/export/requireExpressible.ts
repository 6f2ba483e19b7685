import { ArgumentError } from '@tempograd/core';
import type { ResolvedConfig } from '@tempograd/nn';

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
};

/** @throws ArgumentError naming what an exported graph would not do as the model does. */
export function requireExpressible(config: ResolvedConfig, lengths: boolean): void {
  const unknown = Object.keys(config).filter((name) => !Object.hasOwn(followed, name));
  if (unknown.length > 0) {
    throw new ArgumentError(`exportOnnx: models with ${unknown.join(', ')} cannot be exported.`);
  }
  if (lengths && config.paddingIndex !== null) {
    throw new ArgumentError(
      'exportOnnx: the model has a paddingIndex, from which the lengths are counted; leave the option lengths out.',
    );
  }
}
