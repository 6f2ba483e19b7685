import { createBackend as createOracle } from '@tempograd/backend-js';
import { tfjs } from '@tempograd/backend-tfjs';
import { deviationsOf } from '@tempograd/backend-tfjs/deviations';
import { conformanceCases, type Group } from '@tempograd/conformance';
import { testConformance } from '@tempograd/conformance/vitest';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, expect } from 'vitest';
import { setDevice } from './setDevice.js';

/**
 * Groups of what core composes of ops that the other groups test, since the adapter has no fused ones: the same calls in the same
 * order whatever the device. They run on `cpu`, which is quickest at them; elsewhere a case takes up to seconds.
 */
const composedGroups: readonly Group[] = [
  'fused',
  'optimisers',
  'recurrent',
  'cells',
  'scan',
  'strategies',
  'credit',
  'properties',
  'functions',
];

/**
 * Of those groups what runs on every device: every op that backends may fuse, small and large and where numbers are extreme, every
 * optimiser, every recurrence, with a mask too, cell by cell and cut into parts, and functions of many ops.
 */
const composedCases: readonly string[] = [
  ...['linear', 'layerNorm', 'softmaxCrossEntropy', 'globalNorm'].map(
    (op) => `${op}: gradient, large and small in turn`,
  ),
  'linear: gradient, leading axes',
  'layerNorm: gradient',
  'softmaxCrossEntropy: gradient, rows ignored, label smoothing',
  'softmaxCrossEntropy: gradient, a target beyond the classes',
  'softmaxCrossEntropy: value, logits far from 0',
  'softmaxCrossEntropy: value, label smoothing of logits far from 0',
  'globalNorm: gradient, of several tensors',
  'linearScan: value',
  'linearScan: gradient',
  'adamStep: value, plain',
  'adamStep: value, AMSGrad, held back by its guard',
  'sgdStep: value, with Nesterov momentum, several parameters at once',
  'rmspropStep: value, centred with momentum, all its settings on the device',
  'rmspropStep: value, centred, a variance that rounds below 0',
  ...['rnnTanh', 'rnnRelu', 'lstm'].map((kind) => `${kind}: gradient`),
  'gru: gradient, ragged mask',
  'lstm cell: gradient, step after step',
  "scan: gradient, of a user's cell, several steps",
  'truncatedBptt: gradient, rnnTanh, updateEvery 2',
  'creditMatrix: gradient, of parameters untied in time',
  'softmax: gradient, with a mask',
  'argmax: value',
  'topK: value, positions of the smallest',
  'argsort: value, of integers, descending',
  'cumsum: gradient',
];

/**
 * Cells that are composed of the LSTM's ops, and of relu. The suite's own tests run what is left out on the reference without optional
 * ops, and strategies with every cell.
 */
const otherCells = /\b(rnnTanh|rnnRelu|gru)\b/;

/**
 * Groups that hold core's or the adapter's own logic to what it promises, on ops that the other groups test: rules of batching and
 * of derivatives of derivatives, which path was taken, credit, refusals, and numbers that the adapter makes scalars of. They run in
 * full on `cpu` and `wasm`, credit on `cpu`.
 */
const logicGroups: readonly Group[] = ['batching', 'nesting', 'paths', 'credit', 'badInput', 'literals'];

/**
 * Groups in which a gradient is made of ops whose values the same group tests (a sum of what was stretched, a product of products, rows
 * of rows), by rules that are tested on `cpu` and `wasm`, and on every device in other groups. Large products are not: which kernel
 * a device takes for one depends on all its lengths.
 */
const mutualGroups: readonly Group[] = ['layout', 'rows', 'matmul', 'broadcasting', 'views', 'largeSizes'];

for (const name of composedCases) {
  if (!conformanceCases.some((each) => each.name === name))
    throw new Error(`The suite has no case "${name}" any more.`);
}

/** The cases for `cpu`. */
export const cpuCases: readonly string[] = conformanceCases
  .filter(
    ({ group, name }) => !composedGroups.includes(group) || !otherCells.test(name) || composedCases.includes(name),
  )
  .map(({ name }) => name);

/** The cases for `wasm`. */
export const wasmCases: readonly string[] = conformanceCases
  .filter(({ group, name }) => !composedGroups.includes(group) || composedCases.includes(name))
  .map(({ name }) => name);

/**
 * Cases that take many shaders for what others show: several ops at large sizes, which `largeSizes` tests one by one; a recurrence
 * that the truncated case runs too; and many updates, where here memory is looked at after every case.
 */
const manyShaders = (name: string, group: Group): boolean =>
  (group === 'fused' && name.endsWith('large and small in turn')) ||
  ['rnnTanh: gradient', 'training: memory, a repeated step holds nothing more'].includes(name);

/**
 * The cases for devices that compile a shader for each shape, on software drivers in these tests. Tangents are left out too: core's
 * rules make them of the ops whose values and gradients are tested.
 */
export const shaderCases: readonly string[] = conformanceCases
  .filter(({ group, kind }) => !logicGroups.includes(group) && kind !== 'jvp')
  .filter(
    ({ group, op, kind }) =>
      kind !== 'gradient' || !mutualGroups.includes(group) || (group === 'largeSizes' && op === 'matmul'),
  )
  .filter(({ group, name }) => !manyShaders(name, group))
  .map(({ name }) => name)
  .filter((name) => wasmCases.includes(name));

/** Declares the suite on a backend of tfjs, and after every case that tfjs holds what it held before. */
export function testOn(device: string, only?: readonly string[]): void {
  let before: tf.MemoryInfo;
  testConformance({
    name: `conformance on tfjs ${device}`,
    createBackend: async () => {
      await setDevice(device);
      const backend = tfjs(tf);
      before = tf.memory();
      return backend;
    },
    oracle: () => createOracle(),
    deviations: deviationsOf(device),
    ...(only && { only: { names: only } }),
    // Each call is many of tfjs, and the ops of core that they are made of are held to differences of each input on the reference.
    differences: 'jointly',
    // Software drivers compile a shader for each shape.
    timeout: 120_000,
  });
  afterEach(() => {
    const { numTensors, numBytes, numDataBuffers } = tf.memory();
    expect({ numTensors, numBytes, numDataBuffers }).toEqual({
      numTensors: before.numTensors,
      numBytes: before.numBytes,
      numDataBuffers: before.numDataBuffers,
    });
  });
}
