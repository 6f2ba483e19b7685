import { BackendError } from '@tempograd/core/backend';
import { describe, expect, test } from 'vitest';
import { engineOf } from '../../src/engine/engineOf.js';
import { createBackend } from '../../src/index.js';
import { openDevice } from '../support/device.js';
import { negated, rejection, tensor } from '../support/tensors.js';
import { expectNoUnhandledRejection } from '../support/unhandled.js';

expectNoUnhandledRejection();

describe.each([true, false])('on a device of its own: %s', (own) => {
  test('reads under way and reads not yet handed in are rejected, with a reason', async () => {
    const device = own ? undefined : await openDevice();
    const backend = await createBackend(device ? { device } : {});
    const x = tensor(backend, [1, 2, 3]);
    const early = backend.read(negated(backend, x));
    await Promise.resolve();
    const late = backend.read(negated(backend, x));
    backend.dispose?.();
    const errors = await Promise.all([early, late].map(rejection));
    for (const error of errors) {
      expect(error).toBeInstanceOf(BackendError);
      expect(error.message).toMatch(/disposed of before the result was read/);
    }
    device?.destroy();
  });

  test('afterwards ops and reads are refused, and release, flush, memory and dispose do nothing', async () => {
    const device = own ? undefined : await openDevice();
    const backend = await createBackend(device ? { device } : {});
    const [x, y] = [tensor(backend, [1]), tensor(backend, [2])];
    backend.release(y.handle);
    backend.dispose?.();
    expect(() => backend.unary('neg', x)).toThrow(/This webgpu backend was disposed of; make a new one/);
    expect(() => tensor(backend, [1])).toThrow(BackendError);
    expect((await rejection(backend.read(x))).message).toMatch(/disposed of/);
    backend.release(x.handle);
    backend.flush?.();
    backend.dispose?.();
    expect(backend.memory().buffers).toBe(0);
    device?.destroy();
  });
});

test('a device that was given goes on, for its owner and for other backends on it', async () => {
  const device = await openDevice();
  const [a, b] = [await createBackend({ device }), await createBackend({ device })];
  const [x, y] = [tensor(a, [1]), tensor(b, [2])];
  const [p, q] = [negated(a, x), negated(b, y)];
  const both = await Promise.all([a.read(p), b.read(q)]);
  expect(both.map(([value]) => value)).toEqual([-1, -2]);
  const { gpu } = engineOf(a).buffer(x);
  a.dispose?.();
  expect([...(await b.read(negated(b, y)))]).toEqual([-2]);
  // What was not released was given back, too: commands cannot use it any more.
  device.pushErrorScope('validation');
  const encoder = device.createCommandEncoder();
  encoder.clearBuffer(gpu);
  device.queue.submit([encoder.finish()]);
  expect((await device.popErrorScope())?.message).toMatch(/destroyed/);
  b.dispose?.();
  let lost = false;
  void (async () => {
    await device.lost;
    lost = true;
  })();
  await device.queue.onSubmittedWorkDone();
  expect(lost).toBe(false);
  device.destroy();
});
