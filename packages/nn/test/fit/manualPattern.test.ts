import {
  disposeTree,
  keep,
  key,
  scope,
  stopGradient,
  truncatedBptt,
  valueAndGradWithAux,
  type Tensor,
} from '@tempograd/core';
import { expect, test } from 'vitest';
import {
  adam,
  clipByGlobalNorm,
  contiguousStreams,
  fit,
  type SequenceModelCarry,
  type SequenceModelParams,
  type SequenceStretch,
} from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';
import { all, smallModel, text, valuesOf, vocabulary } from './training.js';

withFreshBackend();

const [batch, steps] = [3, 10];

test('the manual pattern, in about ten lines of public functions, gives exactly the numbers fit gives', async () => {
  const data = contiguousStreams(text, { vocabulary, batch, steps });
  const optimiser = adam({ learningRate: 0.01 });

  const { task: model, params } = smallModel({ layers: 2 });
  const losses: number[] = [];
  const chunk = valueAndGradWithAux((p: SequenceModelParams, carry: SequenceModelCarry, stretch: SequenceStretch) => {
    const { carry: after, output } = model.forward(p, stopGradient(carry), stretch, { from: 0, key: null });
    return { value: model.loss(p, output, stretch, { from: 0, key: null }), aux: after };
  });
  const state = optimiser.init(params);
  let carry = model.initialCarry(params, batch);
  for await (const { stretch } of data.open({ epoch: 0, index: 0 })) {
    const before = carry;
    const loss: Tensor = scope(() => {
      const { value, gradient, aux } = chunk(params, before, stretch);
      const { scale } = clipByGlobalNorm(gradient, 1, 1 / (batch * steps));
      optimiser.update(params, gradient, state, { scale });
      carry = keep(aux);
      return value;
    });
    losses.push(((await loss.read())[0] as number) / stretch.inputs.size);
    disposeTree([before, stretch, loss]);
  }

  const other = scope(() => keep(model.init(key(1))));
  const strategy = truncatedBptt({ updateEvery: steps });
  const fitted = await all(fit({ task: model, params: other, data, strategy, optimiser, clip: { norm: 1 } }));
  expect(fitted.map(({ loss }) => loss)).toEqual(losses);
  expect(valuesOf(other)).toEqual(valuesOf(params));
  expect(fitted.length).toBeGreaterThan(20);
  disposeTree([params, other, carry, state.moments]);
});
