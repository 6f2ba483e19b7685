import { sizeOf } from '@tempograd/core/backend';
import type { Backend, Operand, StepControls } from '@tempograd/core/backend';
import type { Engine } from '../engine/Engine.js';
import type { Handle } from '../memory/Storage.js';

/** Every so many steps, averages too small to be normal become 0: see `settle.ts`. */
const settleEvery = 16;
const settles = (step: number): number => (step % settleEvery === 0 ? 1 : 0);

/** Optimiser steps in place; whoever shares storage with what they overwrite keeps the old values. */
export function optimiserOps(engine: Engine): Pick<Backend<Handle>, 'adamStep' | 'sgdStep' | 'rmspropStep'> {
  const ownOrNull = (x: Operand<Handle> | null): number => (x === null ? 0 : engine.ownPointer(x));
  /** Ops have finished when they return, so that scalars can be read here. */
  const numbersOf = ({ learningRate, step, scale }: StepControls<Handle>): [number, number, number] => [
    engine.numberOf(learningRate),
    engine.numberOf(step),
    engine.numberOf(scale),
  ];
  const refused = ({ guard }: StepControls<Handle>): boolean =>
    guard !== null && !Number.isFinite(engine.numberOf(guard));

  return {
    adamStep(parameter, gradient, { moment1, moment2, maxMoment2 }, controls, settings) {
      if (refused(controls)) return;
      const [learningRate, step, scale] = numbersOf(controls);
      const { beta1, beta2, epsilon, weightDecay, decoupled } = settings;
      const total = sizeOf(parameter.shape);
      const tensors = [
        engine.ownPointer(parameter),
        engine.pointer(gradient),
        engine.ownPointer(moment1),
        engine.ownPointer(moment2),
        ownOrNull(maxMoment2),
      ];
      engine.setWords(...tensors, total);
      engine.setFloats(
        6,
        scale,
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
      engine.setWord(16, settles(step));
      engine.run('adamStep', { parts: engine.partsFor(total * 0.8) });
    },

    sgdStep(parameter, gradient, { velocity }, controls, { momentum, nesterov, weightDecay }) {
      if (refused(controls)) return;
      const [learningRate, step, scale] = numbersOf(controls);
      const total = sizeOf(parameter.shape);
      const tensors = [engine.ownPointer(parameter), engine.pointer(gradient), ownOrNull(velocity)];
      engine.setWords(...tensors, total, step === 1 ? 1 : 0, nesterov ? 1 : 0);
      engine.setFloats(6, scale, learningRate, momentum, weightDecay);
      engine.setWord(10, settles(step));
      engine.run('sgdStep', { parts: engine.partsFor(total * 0.4) });
    },

    rmspropStep(parameter, gradient, { square, velocity, mean }, controls, settings) {
      if (refused(controls)) return;
      const [learningRate, step, scale] = numbersOf(controls);
      const { alpha, epsilon, momentum, weightDecay } = settings;
      const total = sizeOf(parameter.shape);
      const tensors = [engine.ownPointer(parameter), engine.pointer(gradient), engine.ownPointer(square)];
      engine.setWords(...tensors, ownOrNull(velocity), ownOrNull(mean), total);
      engine.setFloats(6, scale, learningRate, alpha, 1 - alpha, epsilon, momentum, weightDecay);
      engine.setWord(13, settles(step));
      engine.run('rmspropStep', { parts: engine.partsFor(total * 0.7) });
    },
  };
}
