export { charModel, type CharModelConfig } from './charModel.js';
export type { ModelInitialisers, ResolvedConfig, SequenceModelConfig } from './config.js';
export type { AnyInput, InputsOf, ModelInput, NamedInputs } from './ModelInput.js';
export type { PoolingCarry, PoolingParams } from './pooling/Pooling.js';
export { rollout, type RolloutCarry, type RolloutOptions } from './rollout.js';
export {
  sequenceModel,
  type AnySequenceModel,
  type PooledCarry,
  type RecurrentCarry,
  type SequenceInputs,
  type SequenceModel,
  type SequenceModelCarry,
  type SequenceModelParams,
  type SequenceOutputs,
  type SequenceStretch,
} from './sequenceModel.js';
