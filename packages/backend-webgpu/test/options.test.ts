import { ArgumentError } from '@tempograd/core';
import { expect, test } from 'vitest';
import { findGpu } from '../src/device/findGpu.js';
import { createBackend } from '../src/index.js';
import { openDevice } from './support/device.js';
import { rejection } from './support/tensors.js';

const { gpu } = await findGpu();
const adapter = await gpu.requestAdapter();
const device = await openDevice();

test.each<[string, object, RegExp]>([
  ['what is no device', { device: {} }, /device must be a GPUDevice.*but is an object\.$/],
  [
    'an adapter as a device',
    { device: adapter },
    /device must be a GPUDevice.*but is an object of class GPUAdapter\.$/,
  ],
  [
    'a device that is awaited no more',
    { device: Promise.resolve(device) },
    /device must be .*but is a Promise; await it/,
  ],
  ['what is no adapter', { adapter: {} }, /adapter must be a GPUAdapter.*but is an object\.$/],
  ['WebGPU itself as an adapter', { adapter: gpu }, /adapter must be a GPUAdapter.*but is an object of class GPU\.$/],
  [
    'a device as an adapter',
    { adapter: device },
    /adapter must be a GPUAdapter.*but is an object of class GPUDevice\.$/,
  ],
  [
    'no adapter, where none was found',
    { adapter: null },
    /requestAdapter\(\) gives it where it finds one, but is null\.$/,
  ],
  ['both', { device, adapter }, /given a device and an adapter; give one of them/],
  [
    'another preference',
    { powerPreference: 'low' },
    /must be one of "low-power", "high-performance", but is the string "low"\.$/,
  ],
  ['poison in words', { poison: 'yes' }, /poison must be true or false, but is the string "yes"\.$/],
  ['a limit in words', { memoryLimit: '1 GiB' }, /memoryLimit must be a number, but is the string "1 GiB"\.$/],
  ['a limit that is no number', { memoryLimit: NaN }, /memoryLimit is NaN bytes; it must be at least 1 MiB/],
])('createBackend refuses %s', async (_, options, message) => {
  const error = await rejection(createBackend(options));
  expect(error).toBeInstanceOf(ArgumentError);
  expect(error.message).toMatch(message);
});
