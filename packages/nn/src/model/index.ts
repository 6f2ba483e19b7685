export { charModel, type CharModelConfig } from './charModel.js';
export type { ModelInput, ResolvedConfig, SequenceModelConfig } from './config.js';
export {
  sequenceModel,
  type SequenceInputs,
  type SequenceModel,
  type SequenceModelCarry,
  type SequenceModelParams,
  type SequenceStretch,
} from './sequenceModel.js';
export { storedModel } from './storedModel.js';
