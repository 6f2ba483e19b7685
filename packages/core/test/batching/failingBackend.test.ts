import { expect, test } from 'vitest';
import { OutOfMemoryError } from '../../src/backend/index.js';
import * as tg from '../../src/index.js';
import type { Tensor } from '../../src/index.js';
import { backend, live } from './support.js';

let calls = 0;
let fails = Infinity;

/** The reference, whose call number `fails` runs out of memory. */
const failing = new Proxy(backend, {
  get: (target, key) => {
    const member = Reflect.get(target, key) as unknown;
    if (typeof member !== 'function' || key === 'release' || key === 'memory') return member;
    return (...args: unknown[]): unknown => {
      if (++calls === fails) throw new OutOfMemoryError('no room');
      return Reflect.apply(member, target, args);
    };
  },
});

const random = (shape: number[], seed: number): Tensor => tg.normal(tg.key(seed), shape, { dtype: 'f64' });

const cell = tg.lstmCell({ hiddenSize: 2 });

const programs: Record<string, () => unknown> = {
  vmap: () =>
    tg.vmap((x: Tensor) => tg.softmaxCrossEntropy(tg.linear(x, random([3, 2], 1)), tg.zeros([2], { dtype: 'i32' })))(
      random([3, 2, 2], 2),
    ),
  'vmap of grad': () => tg.vmap(tg.grad((x: Tensor) => tg.sum(tg.tanh(tg.matmul(x, x)))))(random([3, 2, 2], 3)),
  'vmap of vmap, along other axes': () =>
    tg.vmap(
      tg.vmap((x: Tensor) => tg.mul(tg.gather(x, tg.cast(x, 'i32')), 2), { in: -1 }),
      { in: 1 },
    )(random([2, 3, 4], 4)),
  jacobian: () => tg.jacobian((x: Tensor) => tg.mul(tg.flip(x), tg.tanh(x)))(random([3], 5)),
  jacobianForward: () => tg.jacobianForward((x: Tensor) => tg.mul(tg.flip(x), tg.tanh(x)))(random([3], 5)),
  'cellJacobian of one row': () => lstmAt(1),
  'cellJacobian of two rows': () => lstmAt(2),
};

function lstmAt(batch: number): unknown {
  const params = {
    weight_ih: random([8, 2], 1),
    weight_hh: random([8, 2], 2),
    bias_ih: random([8], 3),
    bias_hh: random([8], 4),
  };
  const carry = { h: random([batch, 2], 5), c: random([batch, 2], 6) };
  return tg.cellJacobian(cell, params, carry, random([batch, 2], 7));
}

test.each(Object.keys(programs))('%s leaves nothing behind, whichever call runs out of memory', (name) => {
  const before = live();
  const run = (): void =>
    tg.withBackend(failing, () => {
      calls = 0;
      tg.scope(() => void programs[name]!());
    });
  fails = Infinity;
  run();
  const total = calls;
  expect(total).toBeGreaterThan(5);
  for (let call = 1; call <= total; call++) {
    fails = call;
    expect(run, `call ${call}`).toThrow(OutOfMemoryError);
    expect(live(), `live buffers after a failure in call ${call}`).toBe(before);
  }
  fails = Infinity;
  run();
  expect(live()).toBe(before);
});
