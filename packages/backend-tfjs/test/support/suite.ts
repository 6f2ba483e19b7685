import { createBackend as createOracle } from '@tempograd/backend-js';
import { tfjs } from '@tempograd/backend-tfjs';
import { deviationsOf } from '@tempograd/backend-tfjs/deviations';
import { conformanceCases, type Group } from '@tempograd/conformance';
import { testConformance } from '@tempograd/conformance/vitest';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, expect } from 'vitest';
import { setDevice } from './setDevice.js';

/** Groups whose ops core composes of ops that the other groups test: each case takes seconds on a software driver. */
const composedGroups: readonly Group[] = ['recurrent', 'cells', 'scan', 'strategies', 'credit', 'properties'];

/** Of those groups what is tested where a shader is compiled for each shape: every recurrence, and every way through time. */
const composedCases = [
  ...['rnnTanh', 'rnnRelu', 'lstm', 'gru'].map((kind) => `${kind}: gradient`),
  'gru: gradient, ragged mask',
  'lstm cell: gradient, step after step',
  "scan: gradient, of a user's cell, several steps",
  'fullBptt: gradient, lstm',
  'truncatedBptt: gradient, rnnTanh, updateEvery 2',
  'truncatedBptt: gradient, gru, updateEvery 2',
  'truncatedBptt: gradient, lstm, updateEvery 3',
  'creditMatrix: gradient, of parameters untied in time',
];

/** The cases for devices that compile a shader for each shape. */
export const shaderCases: readonly string[] = [
  ...conformanceCases.filter(({ group }) => !composedGroups.includes(group)).map(({ name }) => name),
  ...composedCases,
];

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
