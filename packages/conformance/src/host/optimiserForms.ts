import type { AdamSettings, RmspropSettings, SgdSettings } from '@tempograd/core/backend';
import { at, build, type HostArray } from './HostArray.js';

/** One optimiser step on the host: `[parameter, …states]` and a gradient to the next `[parameter, …states]`. */
export type HostStep = (tensors: readonly HostArray[], gradient: HostArray, scale: number) => HostArray[];

/** One element's parameter and states, and its gradient, to the next ones. */
type ElementStep = (parameter: number, states: readonly number[], gradient: number) => readonly number[];

function elementwise(step: ElementStep): HostStep {
  return (tensors, gradient, scale) => {
    const [parameter, ...states] = tensors as [HostArray, ...HostArray[]];
    const rows = Array.from(gradient.values, (g, index) =>
      step(
        at(parameter, index),
        states.map((state) => at(state, index)),
        g * scale,
      ),
    );
    return tensors.map((x, which) => build(x.shape, (index) => rows[index]?.[which] as number));
  };
}

/** Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019, algorithm 2. */
export function adamForm({
  learningRate,
  beta1,
  beta2,
  epsilon,
  weightDecay,
  decoupled,
  step,
}: AdamSettings): HostStep {
  return elementwise((p, [m, v], gradient) => {
    const g = decoupled ? gradient : gradient + weightDecay * p;
    const nextM = beta1 * (m as number) + (1 - beta1) * g;
    const nextV = beta2 * (v as number) + (1 - beta2) * g * g;
    const mean = nextM / (1 - beta1 ** step);
    const square = nextV / (1 - beta2 ** step);
    const decay = decoupled ? learningRate * weightDecay * p : 0;
    return [p - decay - (learningRate * mean) / (Math.sqrt(square) + epsilon), nextM, nextV];
  });
}

export function sgdForm({ learningRate, momentum, nesterov, weightDecay, step }: SgdSettings): HostStep {
  return elementwise((p, [v], gradient) => {
    const g = gradient + weightDecay * p;
    if (v === undefined) return [p - learningRate * g];
    const next = step === 1 ? g : momentum * v + g;
    return [p - learningRate * (nesterov ? g + momentum * next : next), next];
  });
}

export function rmspropForm({ learningRate, alpha, epsilon, momentum, weightDecay }: RmspropSettings): HostStep {
  return elementwise((p, [q, b], gradient) => {
    const g = gradient + weightDecay * p;
    const square = alpha * (q as number) + (1 - alpha) * g * g;
    const scaled = g / (Math.sqrt(square) + epsilon);
    if (b === undefined) return [p - learningRate * scaled, square];
    const next = momentum * b + scaled;
    return [p - learningRate * next, square, next];
  });
}
