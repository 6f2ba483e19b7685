import { createBackend } from '@tempograd/backend-js';
import { ArgumentError, matmul, ones, sum, truncatedBptt, useBackend, zeros } from '@tempograd/core';
import {
  adam,
  charModel,
  contiguousStreams,
  crossEntropy,
  embedding,
  layerNorm,
  linear,
  lstm,
  rmsprop,
  rnn,
  sequenceModel,
  sgd,
} from '@tempograd/nn';
import { expect, test } from 'vitest';

useBackend(createBackend());

const x = ones([2, 3]);
const sizes = { inputSize: 2, hiddenSize: 2 };
const rate = { learningRate: 0.1 };
const text = { input: { vocabulary: 5, embedding: 2 }, hidden: 2, outputs: 5 };

/** What people write who come from PyTorch, Keras or the literature, and what they are told. */
const calls: Record<string, [call: (...args: never[]) => unknown, args: readonly unknown[], told: string]> = {
  'sum(x, 0)': [sum, [x, 0], 'sum: options must be an object, { axes, keepAxes }, but are the number 0.'],
  'sum(x, { axis })': [sum, [x, { axis: 0 }], 'no option "axis". Here it is called axes.'],
  'sum(x, { dim, keepdim })': [
    sum,
    [x, { axes: 0, keepdim: true }],
    'no option "keepdim". Here it is called keepAxes.',
  ],
  'matmul(a, b, { transpose_b })': [matmul, [x, x, { transpose_b: true }], 'Write transposeB.'],
  'zeros(shape, { device })': [zeros, [[2], { device: 'cuda' }], 'Here it is called backend.'],
  'zeros(shape, { dtype: float32 })': [zeros, [[2], { dtype: 'float32' }], 'must be one of "f32", "f64", "i32"'],
  'zeros(shape, { backend }) not awaited': [
    zeros,
    [[2], { backend: Promise.resolve(createBackend()) }],
    'backend must be a backend, as createBackend() makes it, but is a Promise; await it first.',
  ],
  'truncatedBptt({ backwardStep })': [
    truncatedBptt,
    [{ updateEvery: 3, backwardStep: 9 }],
    'Did you mean backwardSteps?',
  ],
  'truncatedBptt({ k1, k2 })': [truncatedBptt, [{ k1: 3, k2: 9 }], 'updateEvery is the steps between updates'],
  'rnn({ activation: sigmoid })': [
    rnn,
    [{ ...sizes, activation: 'sigmoid' }],
    'activation must be one of "tanh", "relu"',
  ],
  'rnn({ nonlinearity })': [rnn, [{ ...sizes, nonlinearity: 'relu' }], 'Here it is called activation.'],
  'lstm({ batch_first })': [lstm, [{ ...sizes, batch_first: true }], 'Write batchFirst.'],
  'lstm({ num_layers })': [lstm, [{ ...sizes, num_layers: 2 }], 'Here it is called layers.'],
  'lstm({ hidden_size })': [lstm, [{ inputSize: 2, hidden_size: 2 }], 'Write hiddenSize.'],
  'lstm({ units })': [lstm, [{ inputSize: 2, units: 2 }], 'Here it is called hiddenSize.'],
  'lstm({ return_sequences })': [lstm, [{ ...sizes, return_sequences: true }], 'every step is always given'],
  'linear({ in_features })': [linear, [{ in_features: 2, outputs: 2 }], 'Here it is called inputs.'],
  'embedding({ num_embeddings })': [embedding, [{ num_embeddings: 2, size: 2 }], 'Here it is called vocabulary.'],
  'embedding({ padding_idx })': [
    embedding,
    [{ vocabulary: 2, size: 2, padding_idx: 0 }],
    'Here it is called paddingIndex.',
  ],
  'layerNorm({ normalized_shape })': [layerNorm, [{ normalized_shape: 2 }], 'Here it is called size.'],
  'layerNorm({ eps })': [layerNorm, [{ size: 2, eps: 0.1 }], 'Here it is called epsilon.'],
  'crossEntropy({ ignore_index })': [
    crossEntropy,
    [x, ones([2], { dtype: 'i32' }), { ignore_index: 0 }],
    'Write ignoreIndex.',
  ],
  'crossEntropy({ reduction })': [
    crossEntropy,
    [x, ones([2], { dtype: 'i32' }), { reduction: 'mean' }],
    'Losses are sums',
  ],
  'adam({ lr })': [adam, [{ lr: 0.1 }], 'Here it is called learningRate.'],
  'adam({ betas })': [adam, [{ ...rate, betas: [0.9, 0.99] }], 'Here it is called beta1 and beta2.'],
  'adam({ weight_decay })': [adam, [{ ...rate, weight_decay: 0.1 }], 'Write weightDecay.'],
  'sgd({ dampening })': [sgd, [{ ...rate, dampening: 0.1 }], 'There is no dampening'],
  'rmsprop({ rho })': [rmsprop, [{ ...rate, rho: 0.9 }], 'Here it is called alpha.'],
  'sequenceModel({ paddingIdx })': [sequenceModel, [{ ...text, paddingIdx: 0 }], 'Here it is called paddingIndex.'],
  'sequenceModel({ input: { vocab_size } })': [
    sequenceModel,
    [{ ...text, input: { vocabulary: 5, embedding: 2, vocab_size: 5 } }],
    'no option "input.vocab_size". Here it is called vocabulary.',
  ],
  'charModel({ hidden_size })': [
    charModel,
    [{ vocabulary: 5, embedding: 2, hidden_size: 2 }],
    'Here it is called hidden.',
  ],
  'contiguousStreams({ batch_size })': [
    contiguousStreams,
    [[1, 2, 3], { batch_size: 1, steps: 1 }],
    'Here it is called batch.',
  ],
};

test.each(Object.entries(calls))('%s', (_written, [call, args, told]) => {
  let error: unknown = null;
  try {
    call(...(args as never[]));
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(ArgumentError);
  expect((error as Error).message).toContain(told);
});
