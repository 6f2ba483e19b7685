import { ArgumentError, ones, zeros, type FloatDType, type Tensor } from '@tempograd/core';
import type { Backend } from '@tempograd/core/backend';
import type { ModelInput, NamedInputs, SequenceModel, SequenceStretch } from '../model/index.js';
import { isNamed } from '../model/ModelInput.js';

/** What a stretch of a plan must be. */
export interface StretchOptions {
  /** Steps. */
  readonly time: number;
  /** Rows in parallel. */
  readonly batch: number;
  /** Where its tensors are to be made. */
  readonly backend: Backend;
  /** Of inputs and targets that are not classes. */
  readonly dtype: FloatDType;
}

/** Stretches for a model of `sequenceModel`. @throws ArgumentError for any other task. */
export function stretchOfModel(
  task: unknown,
  masked: boolean,
): (options: StretchOptions) => SequenceStretch<ModelInput | NamedInputs> {
  const { config } = task as Partial<SequenceModel<ModelInput | NamedInputs>>;
  if (config === undefined) {
    throw new ArgumentError(
      'planMemory: this task is not of sequenceModel(); say how its stretches look: { stretch: ({ time, batch, backend, dtype }) => … }.',
    );
  }
  return ({ time, batch, backend, dtype }) => {
    const steps = [time, batch];
    const integers = { dtype: 'i32', backend } as const;
    const { input, loss, outputs } = config;
    const inputOf = (kind: ModelInput): Tensor =>
      'vocabulary' in kind ? zeros(steps, integers) : zeros([...steps, kind.features], { dtype, backend });
    return {
      inputs: isNamed(input)
        ? Object.fromEntries(Object.entries(input).map(([name, kind]) => [name, inputOf(kind)]))
        : inputOf(input),
      targets: loss === 'crossEntropy' ? zeros(steps, integers) : zeros([...steps, outputs], { dtype, backend }),
      mask: masked ? ones(steps, integers) : null,
    };
  };
}
