import { creditMatrix, truncatedBptt, type CreditMatrix, type Tensor } from '@tempograd/core';
import { expect, test } from 'vitest';
import {
  evaluate,
  fit,
  sequenceModel,
  type DataSource,
  type Optimiser,
  type SequenceInputs,
  type SequenceStretch,
} from '../../src/index.js';

declare const inputs: Tensor;
declare const targets: Tensor;
declare const optimiser: Optimiser;
declare const unlabelled: DataSource<SequenceInputs>;
declare const labelled: DataSource<SequenceStretch>;
declare const bare: DataSource<Tensor>;
const strategy = truncatedBptt({ updateEvery: 4 });

/** What compiles and what does not: the compiler holds this file to it, and nothing here runs. */
export function typesAreHeld(): unknown[] {
  const reader = sequenceModel({ hidden: 4, input: { features: 3 }, outputs: 2, loss: 'crossEntropy' });
  const words = sequenceModel({ hidden: 4, input: { vocabulary: 5, embedding: 3 }, outputs: 5, loss: 'crossEntropy' });
  const several = sequenceModel({
    hidden: 4,
    input: { day: { vocabulary: 7, embedding: 2 }, load: { features: 1 } },
    outputs: 1,
  });
  const params = reader.init([1, 2]);
  const credit: CreditMatrix = creditMatrix(reader, params, { inputs, targets, mask: null });
  return [
    credit,
    fit({ task: reader, params, data: labelled, strategy, optimiser }),
    evaluate({ task: reader, params, data: labelled }),
    // @ts-expect-error: the data has no targets
    fit({ task: reader, params, data: unlabelled, strategy, optimiser }),
    // @ts-expect-error: the data has no targets
    evaluate({ task: reader, params, data: unlabelled }),
    // @ts-expect-error: a stretch of this model is an object
    fit({ task: reader, params, data: bare, strategy, optimiser }),
    // @ts-expect-error: the stretch has no targets
    creditMatrix(reader, params, { inputs }),
    // @ts-expect-error: parameters of a model that looks up vectors
    fit({ task: reader, params: words.init([1, 2]), data: labelled, strategy, optimiser }),
    // @ts-expect-error: parameters of a model of several inputs
    fit({ task: words, params: several.init([1, 2]), data: labelled, strategy, optimiser }),
    // @ts-expect-error: the data has one input, and the model reads several
    fit({ task: several, params: several.init([1, 2]), data: labelled, strategy, optimiser }),
    // To run forward, inputs are enough.
    reader.forward(params, reader.initialCarry(params), { inputs }, { from: 0, key: null }),
  ];
}

test('types are held by the compiler, in typesAreHeld', () => {
  expect(typesAreHeld).toBeTypeOf('function');
});
