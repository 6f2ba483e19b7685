import { sizeOf } from '@tempograd/core/backend';
import type { Backend, Operand } from '@tempograd/core/backend';
import type { Engine } from '../engine/Engine.js';
import type { Handle } from '../memory/Storage.js';

/** Optimiser steps in place; whoever shares storage with what they overwrite keeps the old values. */
export function optimiserOps(engine: Engine): Pick<Backend<Handle>, 'adamStep' | 'sgdStep' | 'rmspropStep'> {
  const ownOrNull = (x: Operand<Handle> | null): number => (x === null ? 0 : engine.ownPointer(x));
  const pointerOrNull = (x: Operand<Handle> | null): number => (x === null ? 0 : engine.pointer(x));

  return {
    adamStep(parameter, gradient, moment1, moment2, scale, settings) {
      const { learningRate, beta1, beta2, epsilon, weightDecay, decoupled, step } = settings;
      const total = sizeOf(parameter.shape);
      const tensors = [
        engine.ownPointer(parameter),
        engine.pointer(gradient),
        engine.ownPointer(moment1),
        engine.ownPointer(moment2),
      ];
      engine.setWords(...tensors, pointerOrNull(scale), total);
      engine.setFloats(
        6,
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        learningRate / (1 - beta1 ** step),
        1 / Math.sqrt(1 - beta2 ** step),
        epsilon,
        decoupled ? 0 : weightDecay,
        decoupled ? learningRate * weightDecay : 0,
      );
      engine.run('adamStep', { parts: engine.partsFor(total * 0.8) });
    },

    sgdStep(parameter, gradient, velocity, scale, { learningRate, momentum, nesterov, weightDecay, step }) {
      const total = sizeOf(parameter.shape);
      const first = step === 1 ? 1 : 0;
      engine.setWords(
        engine.ownPointer(parameter),
        engine.pointer(gradient),
        ownOrNull(velocity),
        pointerOrNull(scale),
        total,
        first,
        nesterov ? 1 : 0,
      );
      engine.setFloats(7, learningRate, momentum, weightDecay);
      engine.run('sgdStep', { parts: engine.partsFor(total * 0.4) });
    },

    rmspropStep(parameter, gradient, square, velocity, scale, settings) {
      const { learningRate, alpha, epsilon, momentum, weightDecay } = settings;
      const total = sizeOf(parameter.shape);
      const tensors = [engine.ownPointer(parameter), engine.pointer(gradient), engine.ownPointer(square)];
      engine.setWords(...tensors, ownOrNull(velocity), pointerOrNull(scale), total);
      engine.setFloats(6, learningRate, alpha, 1 - alpha, epsilon, momentum, weightDecay);
      engine.run('rmspropStep', { parts: engine.partsFor(total * 0.7) });
    },
  };
}
