import { sizeOf } from '@tempograd/core/backend';
import type { AdamSettings, Backend, Operand, OptimiserStep, StepControls } from '@tempograd/core/backend';
import type { Engine } from '../engine/Engine.js';
import type { Handle } from '../memory/Storage.js';

type X = Operand<Handle>;

/** Every so many steps, averages too small to be normal become 0: see `settle.ts`. */
const settleEvery = 16;
const settles = (step: number): number => (step % settleEvery === 0 ? 1 : 0);

/** Bytes from a step's block of arguments to the next one's: no kernel takes more than 17 words. */
const blockBytes = 128;

/** What an update's controls are now. */
interface Numbers {
  readonly learningRate: number;
  readonly step: number;
  readonly scale: number;
}

/** Optimiser steps in place; whoever shares storage with what they overwrite keeps the old values. */
export function optimiserOps(engine: Engine): Pick<Backend<Handle>, 'adamSteps' | 'sgdSteps' | 'rmspropSteps'> {
  const { heap } = engine;
  const pointerOrNull = (x: X | null): number => (x === null ? 0 : engine.pointer(x));

  /** Ops have finished when they return, so that scalars can be read here. Null where the guard lets no step change anything. */
  function numbersOf({ learningRate, step, scale, guard }: StepControls<Handle>): Numbers | null {
    if (guard !== null && !Number.isFinite(engine.numberOf(guard))) return null;
    return {
      learningRate: engine.numberOf(learningRate),
      step: engine.numberOf(step),
      scale: engine.numberOf(scale),
    };
  }

  /**
   * Runs a kernel on all steps in one task; an element takes it about `cost` nanoseconds. `write` writes the words of one step's
   * block from word `at` on.
   */
  function run<M extends object, S>(
    kernel: 'adamStep' | 'sgdStep' | 'rmspropStep',
    cost: number,
    steps: readonly OptimiserStep<M, S, Handle>[],
    write: (step: OptimiserStep<M, S, Handle>, words: Int32Array, floats: Float32Array, at: number) => void,
  ): void {
    let elements = 0;
    for (const { parameter, moments } of steps) {
      elements += sizeOf(parameter.shape);
      engine.ownPointer(parameter);
      for (const name in moments) {
        const moment = moments[name] as X | null;
        if (moment !== null) engine.ownPointer(moment);
      }
    }
    // Not before all have storage of their own, for which scratch may have to make way.
    const at = heap.scratch(steps.length * blockBytes);
    const { i32, f32 } = heap.memory;
    for (let n = 0; n < steps.length; n++)
      write(steps[n] as OptimiserStep<M, S, Handle>, i32, f32, (at + n * blockBytes) / 4);
    engine.runBlocks(kernel, { at, stride: blockBytes, count: steps.length }, engine.partsFor(elements * cost));
  }

  return {
    adamSteps(steps, controls) {
      const numbers = numbersOf(controls);
      if (numbers === null) return;
      const { learningRate, step, scale } = numbers;
      // What is corrected by the step's number is worked out once for settings that steps share.
      let known: AdamSettings | null = null;
      let [rate, rootScale] = [0, 0];
      run('adamStep', 0.8, steps, ({ parameter, gradient, moments, settings }, words, floats, at) => {
        const { beta1, beta2, epsilon, weightDecay, decoupled } = settings;
        if (settings !== known) {
          known = settings;
          rate = learningRate / (1 - beta1 ** step);
          rootScale = 1 / Math.sqrt(1 - beta2 ** step);
        }
        words[at] = engine.pointer(parameter);
        words[at + 1] = engine.pointer(gradient);
        words[at + 2] = engine.pointer(moments.moment1);
        words[at + 3] = engine.pointer(moments.moment2);
        words[at + 4] = pointerOrNull(moments.maxMoment2);
        words[at + 5] = sizeOf(parameter.shape);
        floats[at + 6] = scale;
        floats[at + 7] = beta1;
        floats[at + 8] = 1 - beta1;
        floats[at + 9] = beta2;
        floats[at + 10] = 1 - beta2;
        floats[at + 11] = rate;
        floats[at + 12] = rootScale;
        floats[at + 13] = epsilon;
        floats[at + 14] = decoupled ? 0 : weightDecay;
        floats[at + 15] = decoupled ? learningRate * weightDecay : 0;
        words[at + 16] = settles(step);
      });
    },

    sgdSteps(steps, controls) {
      const numbers = numbersOf(controls);
      if (numbers === null) return;
      const { learningRate, step, scale } = numbers;
      run('sgdStep', 0.4, steps, ({ parameter, gradient, moments, settings }, words, floats, at) => {
        words[at] = engine.pointer(parameter);
        words[at + 1] = engine.pointer(gradient);
        words[at + 2] = pointerOrNull(moments.velocity);
        words[at + 3] = sizeOf(parameter.shape);
        words[at + 4] = step === 1 ? 1 : 0;
        words[at + 5] = settings.nesterov ? 1 : 0;
        floats[at + 6] = scale;
        floats[at + 7] = learningRate;
        floats[at + 8] = settings.momentum;
        floats[at + 9] = settings.weightDecay;
        words[at + 10] = settles(step);
      });
    },

    rmspropSteps(steps, controls) {
      const numbers = numbersOf(controls);
      if (numbers === null) return;
      const { learningRate, step, scale } = numbers;
      run('rmspropStep', 0.7, steps, ({ parameter, gradient, moments, settings }, words, floats, at) => {
        words[at] = engine.pointer(parameter);
        words[at + 1] = engine.pointer(gradient);
        words[at + 2] = engine.pointer(moments.square);
        words[at + 3] = pointerOrNull(moments.velocity);
        words[at + 4] = pointerOrNull(moments.mean);
        words[at + 5] = sizeOf(parameter.shape);
        floats[at + 6] = scale;
        floats[at + 7] = learningRate;
        floats[at + 8] = settings.alpha;
        floats[at + 9] = 1 - settings.alpha;
        floats[at + 10] = settings.epsilon;
        floats[at + 11] = settings.momentum;
        floats[at + 12] = settings.weightDecay;
        words[at + 13] = settles(step);
      });
    },
  };
}
