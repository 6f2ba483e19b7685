import { sizeOf } from '@tempograd/core/backend';
import type { Backend, Operand, OptimiserStep } from '@tempograd/core/backend';
import type { Access, Kernel } from '../engine/Kernel.js';
import type { Gpu } from '../engine/Gpu.js';
import type { Handle } from '../memory/Handle.js';
import adamCode from './adam.wgsl.js';
import rmspropCode from './rmsprop.wgsl.js';
import { runStep } from './runStep.js';
import sgdCode from './sgd.wgsl.js';

/** Three buffers of scalars, the gradient, the parameter, and so many states. */
function bindings(states: number): Access[] {
  return [...Array<Access>(4).fill('read'), ...Array<Access>(1 + states).fill('write')];
}

export const adamKernel: Kernel = { name: 'adam', code: adamCode, bindings: bindings(3) };
export const sgdKernel: Kernel = { name: 'sgd', code: sgdCode, bindings: bindings(1) };
export const rmspropKernel: Kernel = { name: 'rmsprop', code: rmspropCode, bindings: bindings(3) };

/** Stands for log 0, which no shader can be given: its power is 0 from the first step on. */
const logOfNothing = -1e4;

/** Optimiser steps in place, a dispatch for each parameter; learning rate, step, scale and guard need not be known on the host. */
export function optimiserOps(gpu: Gpu): Pick<Backend<Handle>, 'adamSteps' | 'sgdSteps' | 'rmspropSteps'> {
  return {
    adamSteps(steps, controls) {
      each(gpu, steps, ({ parameter, gradient, moments, settings }) => {
        const { moment1, moment2, maxMoment2 } = moments;
        const { beta1, beta2, epsilon, weightDecay, decoupled } = settings;
        const amsgrad = maxMoment2 !== null;
        runStep(gpu, {
          kernel: adamKernel,
          key: amsgrad ? 'amsgrad' : '',
          variant: () => ({ constants: { AMSGRAD: Number(amsgrad) } }),
          parameter,
          gradient,
          states: [moment1, moment2, maxMoment2],
          controls,
          settings: (params) => {
            for (const beta of [beta1, beta2]) params.floats(Math.max(Math.log(beta), logOfNothing), beta, 1 - beta);
            params.floats(epsilon, decoupled ? 0 : weightDecay, decoupled ? weightDecay : 0);
          },
        });
      });
    },

    sgdSteps(steps, controls) {
      each(gpu, steps, ({ parameter, gradient, moments, settings }) => {
        const { velocity } = moments;
        const { momentum, nesterov, weightDecay } = settings;
        const hasVelocity = velocity !== null;
        runStep(gpu, {
          kernel: sgdKernel,
          key: hasVelocity ? 'velocity' : '',
          variant: () => ({ constants: { HAS_VELOCITY: Number(hasVelocity) } }),
          parameter,
          gradient,
          states: [velocity],
          controls,
          settings: (params) => params.ints(Number(nesterov)).floats(momentum, weightDecay),
        });
      });
    },

    rmspropSteps(steps, controls) {
      each(gpu, steps, ({ parameter, gradient, moments, settings }) => {
        const { square, velocity, mean } = moments;
        const { alpha, epsilon, momentum, weightDecay } = settings;
        const [hasVelocity, centred] = [velocity !== null, mean !== null];
        runStep(gpu, {
          kernel: rmspropKernel,
          key: `${hasVelocity ? 'velocity ' : ''}${centred ? 'centred' : ''}`,
          variant: () => ({ constants: { HAS_VELOCITY: Number(hasVelocity), CENTRED: Number(centred) } }),
          parameter,
          gradient,
          states: [square, velocity, mean],
          controls,
          settings: (params) => params.floats(alpha, 1 - alpha, epsilon, momentum, weightDecay),
        });
      });
    },
  };
}

/** Takes steps one after another. What has no room for storage of its own throws before the first. */
function each<M extends object, S>(
  gpu: Gpu,
  steps: readonly OptimiserStep<M, S, Handle>[],
  take: (step: OptimiserStep<M, S, Handle>) => void,
): void {
  for (const { parameter, moments } of steps) {
    if (sizeOf(parameter.shape) === 0) continue;
    for (const x of [parameter, ...(Object.values(moments) as (Operand<Handle> | null)[])])
      if (x !== null) gpu.ownBuffer(x);
  }
  for (const step of steps) take(step);
}
