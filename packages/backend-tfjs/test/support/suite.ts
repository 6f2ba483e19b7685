import { createBackend as createOracle } from '@tempograd/backend-js';
import { tfjs } from '@tempograd/backend-tfjs';
import { deviationsOf } from '@tempograd/backend-tfjs/deviations';
import { groups, type Group } from '@tempograd/conformance';
import { testConformance } from '@tempograd/conformance/vitest';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, expect } from 'vitest';
import { setDevice } from './setDevice.js';

/**
 * The groups for devices that compile a shader for each shape: without those whose ops core composes of ops that the other
 * groups test. On a software driver a case of them takes half a minute.
 */
export const shaderGroups: readonly Group[] = groups.filter(
  (group) => !['recurrent', 'cells', 'scan', 'strategies', 'credit', 'properties'].includes(group),
);

/** Declares the suite on a backend of tfjs, and after every case that tfjs holds what it held before. */
export function testOn(device: string, only?: readonly Group[]): void {
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
    ...(only && { only: { groups: only } }),
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
