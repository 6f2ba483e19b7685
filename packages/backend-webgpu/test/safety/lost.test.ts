import { BackendError } from '@tempograd/core/backend';
import { expect, test } from 'vitest';
import { engineOf } from '../../src/engine/engineOf.js';
import { createBackend } from '../../src/index.js';
import { openDevice } from '../support/device.js';
import { negated, rejection, tensor } from '../support/tensors.js';

const advice = /GPU device was .*Make a new backend with createBackend, and go on from a checkpoint, if one was saved/;

test('reads under way and reads after the loss of the device say what to do; ops before they are told throw nothing', async () => {
  const backend = await createBackend();
  const { device } = engineOf(backend);
  const x = tensor(backend, [1, 2, 3]);
  const early = backend.read(negated(backend, x));
  device.destroy();
  // Nobody can know yet.
  const y = negated(backend, x);
  backend.flush?.();
  const errors = await Promise.all([early, backend.read(y), backend.read(x)].map(rejection));
  await device.lost;
  const z = negated(backend, tensor(backend, Array<number>(100_000).fill(1)));
  errors.push(await rejection(backend.read(z)), await rejection(backend.read({ ...z, shape: [0] })));
  for (const error of errors) {
    expect(error).toBeInstanceOf(BackendError);
    expect(error.message).toMatch(advice);
  }
  backend.release(z.handle);
  backend.dispose?.();
});

test('a new backend goes on where the device of another was lost', async () => {
  const lost = await createBackend();
  engineOf(lost).device.destroy();
  const backend = await createBackend();
  expect([...(await backend.read(negated(backend, tensor(backend, [4]))))]).toEqual([-4]);
  lost.dispose?.();
  expect([...(await backend.read(negated(backend, tensor(backend, [5]))))]).toEqual([-5]);
  backend.dispose?.();
});

test('a device that was lost before it is given is told at the first read', async () => {
  const device = await openDevice();
  device.destroy();
  const backend = await createBackend({ device });
  expect((await rejection(backend.read(tensor(backend, [1])))).message).toMatch(advice);
  backend.dispose?.();
});
