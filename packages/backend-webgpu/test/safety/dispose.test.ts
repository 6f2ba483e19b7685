import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BackendError } from '@tempograd/core/backend';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engineOf } from '../../src/engine/engineOf.js';
import { createBackend } from '../../src/index.js';
import { openDevice } from '../support/device.js';
import { negated, rejection, tensor } from '../support/tensors.js';

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);

beforeAll(() => void process.on('unhandledRejection', note));

afterAll(async () => {
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

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

const script = (ending: string): string => `
  import { createBackend } from '@tempograd/backend-webgpu';
  const backend = await createBackend();
  const x = { handle: backend.write(new Float32Array([1, 2]), [2], 'f32'), shape: [2], dtype: 'f32' };
  console.log([...(await backend.read({ ...x, handle: backend.unary('neg', x) }))].join());
  ${ending}
`;

describe('a Node process ends by itself', () => {
  test.each([
    ['after dispose', 'backend.dispose();'],
    ['with a read under way at dispose', 'backend.read(x).catch((e) => console.log(e.name)); backend.dispose();'],
    ['without dispose', ''],
  ])('%s', async (name, ending) => {
    const args = ['--input-type=module', '--unhandled-rejections=strict', '-e', script(ending)];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname, timeout: 30_000 });
    expect(stdout.trim().split('\n')).toEqual(name.includes('read') ? ['-1,-2', 'BackendError'] : ['-1,-2']);
  });
});
