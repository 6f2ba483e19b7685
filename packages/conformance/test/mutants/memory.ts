import { uniformValues } from '@tempograd/core';
import { sizeOf } from '@tempograd/core/backend';
import { make, type Mutant } from './Mutant.js';

/** Faults in what belongs to whom, in optimiser steps and in random numbers. */
export const memoryMutants: readonly Mutant[] = [
  {
    name: 'an op leaks a buffer at each call',
    backend: (real) => ({
      unary(op, x) {
        real.fill([1], 0, 'f32');
        return real.unary(op, x);
      },
    }),
    caughtBy: ['exp: value'],
    message: /did not return to where it was/,
  },
  {
    name: 'an op gives its input back, which is given back again',
    backend: (real) => ({
      reshape(x, shape) {
        const result = make(real, shape, x.dtype, (i) => x.handle.data[i]!);
        real.release(x.handle);
        return result;
      },
    }),
    caughtBy: ['reshape: value'],
    message: /released/,
  },
  {
    name: 'release gives two buffers back in the books',
    backend: (real) => {
      let released = 0;
      return {
        release(handle) {
          released++;
          real.release(handle);
        },
        memory: () => ({ ...real.memory(), buffers: real.memory().buffers - released }),
      };
    },
    caughtBy: ['exp: value'],
    message: /did not return to where it was/,
  },
  {
    name: 'a read gives the numbers of later',
    backend: () => ({
      async read(x) {
        await Promise.resolve();
        return x.handle.data.slice();
      },
    }),
    caughtBy: ['read: memory, gives the values from before a later change in place'],
  },
  {
    name: 'a read gives out the storage itself',
    backend: () => ({ read: async (x) => x.handle.data }),
    caughtBy: ['write: memory, copies the host array'],
  },
  {
    name: 'a slice declared a view is a copy',
    backend: (real) => ({
      slice: (x, begin, size) => {
        const view = real.slice(x, begin, size);
        const copy = make(real, size, x.dtype, (i) => view.data[i]!);
        real.release(view);
        return copy;
      },
    }),
    caughtBy: ['reshape: memory, and a contiguous slice cost no bytes'],
  },
  {
    name: 'peak bytes are never started anew',
    backend: () => ({ resetPeak: () => undefined }),
    caughtBy: ['write: memory, counts its bytes, and release gives them back'],
  },
  {
    name: 'an optimiser step in place overwrites what the parameter is a view of',
    backend: (real) => ({
      adamSteps(steps, controls) {
        const shared = steps.map(({ parameter }) => parameter.handle.data);
        real.adamSteps!(steps, controls);
        steps.forEach(({ parameter }, index) => shared[index]!.set(parameter.handle.data));
      },
    }),
    caughtBy: ['adamStep: value, plain, on a view'],
  },
  {
    name: 'Adam without bias correction',
    backend: (real) => ({
      adamSteps: (steps, controls) => real.adamSteps!(steps, { ...controls, step: 1e9 }),
    }),
    caughtBy: ['adamStep: value, plain'],
  },
  {
    name: 'AdamW decays through the moments',
    backend: (real) => ({
      adamSteps: (steps, controls) =>
        real.adamSteps!(
          steps.map((step) => ({ ...step, settings: { ...step.settings, decoupled: false } })),
          controls,
        ),
    }),
    caughtBy: ['adamStep: value, decoupled weight decay'],
  },
  {
    name: 'Nesterov momentum is plain momentum',
    backend: (real) => ({
      sgdSteps: (steps, controls) =>
        real.sgdSteps!(
          steps.map((step) => ({ ...step, settings: { ...step.settings, nesterov: false } })),
          controls,
        ),
    }),
    caughtBy: ['sgdStep: value, with Nesterov momentum'],
  },
  {
    name: 'a clipping factor is ignored',
    backend: (real) => ({
      rmspropSteps: (steps, controls) => real.rmspropSteps!(steps, { ...controls, scale: 1 }),
    }),
    caughtBy: ['rmspropStep: value, plain, gradient scaled'],
  },
  {
    name: 'AMSGrad forgets the largest moment',
    backend: (real) => ({
      adamSteps: (steps, controls) =>
        real.adamSteps!(
          steps.map((step) => ({ ...step, moments: { ...step.moments, maxMoment2: null } })),
          controls,
        ),
    }),
    caughtBy: ['adamStep: value, AMSGrad'],
  },
  {
    name: 'centred RMSprop is not centred',
    backend: (real) => ({
      rmspropSteps: (steps, controls) =>
        real.rmspropSteps!(
          steps.map((step) => ({ ...step, moments: { ...step.moments, mean: null } })),
          controls,
        ),
    }),
    caughtBy: ['rmspropStep: value, centred'],
  },
  {
    name: 'a guard is ignored',
    backend: (real) => ({
      sgdSteps: (steps, controls) => real.sgdSteps!(steps, { ...controls, guard: null }),
    }),
    caughtBy: ['sgdStep: value, plain, held back by its guard'],
  },
  {
    name: 'a guard holds back NaN alone',
    backend: (real) => ({
      adamSteps: (steps, controls) =>
        real.adamSteps!(
          steps,
          Math.abs(controls.guard?.handle.data[0] ?? 0) === Infinity ? { ...controls, guard: null } : controls,
        ),
    }),
    caughtBy: ['adamStep: value, plain, held back by its guard'],
  },
  {
    name: 'of several parameters the first alone is stepped',
    backend: (real) => ({
      adamSteps: (steps, controls) => real.adamSteps!(steps.slice(0, 1), controls),
    }),
    caughtBy: ['adamStep: value, plain, several parameters at once'],
  },
  {
    name: 'all parameters are stepped with the settings of the first',
    backend: (real) => ({
      sgdSteps: (steps, controls) =>
        real.sgdSteps!(
          steps.map((step) => ({ ...step, settings: steps[0]!.settings })),
          controls,
        ),
    }),
    caughtBy: ['sgdStep: value, with weight decay, several parameters at once'],
  },
  {
    name: 'random numbers start one too late',
    backend: (real) => ({
      randomUniform: (shape, dtype, key, offset) =>
        real.write(
          dtype === 'f32'
            ? Float32Array.from(uniformValues(key, sizeOf(shape), offset + 1))
            : uniformValues(key, sizeOf(shape), offset + 1),
          shape,
          dtype,
        ),
    }),
    caughtBy: ['uniform: value, published words', 'uniform: value, of a seed'],
  },
  {
    name: 'random numbers ignore the offset',
    backend: (real) => ({
      randomUniform: (shape, dtype, key) =>
        real.write(
          dtype === 'f32' ? Float32Array.from(uniformValues(key, sizeOf(shape))) : uniformValues(key, sizeOf(shape)),
          shape,
          dtype,
        ),
    }),
    caughtBy: ['uniform: value, from an odd offset', 'uniform: value, parts equal the whole'],
  },
  {
    name: 'a family has its forward pass only',
    backend: () => ({ recurrentBackward: undefined }),
    caughtBy: ['backend: value, has every required op, and whole families of optional ones'],
  },
  {
    name: 'an unknown capability',
    backend: (real) => ({ capabilities: { ...real.capabilities, fast: true } as never }),
    caughtBy: ['backend: value, declares capabilities that the contract knows'],
  },
];
