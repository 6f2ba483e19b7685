import type { AdamSettings, RmspropSettings, SgdSettings } from '@tempograd/core/backend';
import { at, build, type HostArray } from './HostArray.js';

/** One optimiser step on the host: `[parameter, …states]` and a gradient to the next `[parameter, …states]`. */
export type HostStep = (tensors: readonly HostArray[], gradient: HostArray, scale: number) => HostArray[];

/** What a step takes from its update, on the host. */
export interface HostControls {
  readonly learningRate: number;
  readonly step: number;
}

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

/** Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019, algorithm 2; with a third state Reddi, Kale & Kumar 2018, algorithm 2. */
export function adamForm(
  { beta1, beta2, epsilon, weightDecay, decoupled }: AdamSettings,
  { learningRate, step }: HostControls,
): HostStep {
  return elementwise((p, [m, v, u], gradient) => {
    const g = decoupled ? gradient : gradient + weightDecay * p;
    const nextM = beta1 * (m as number) + (1 - beta1) * g;
    const nextV = beta2 * (v as number) + (1 - beta2) * g * g;
    const nextU = u === undefined ? nextV : Math.max(u, nextV);
    const mean = nextM / (1 - beta1 ** step);
    const square = nextU / (1 - beta2 ** step);
    const decay = decoupled ? learningRate * weightDecay * p : 0;
    return [p - decay - (learningRate * mean) / (Math.sqrt(square) + epsilon), nextM, nextV, nextU];
  });
}

export function sgdForm(
  { momentum, nesterov, weightDecay }: SgdSettings,
  { learningRate, step }: HostControls,
): HostStep {
  return elementwise((p, [v], gradient) => {
    const g = gradient + weightDecay * p;
    if (v === undefined) return [p - learningRate * g];
    const next = step === 1 ? g : momentum * v + g;
    return [p - learningRate * (nesterov ? g + momentum * next : next), next];
  });
}

/** States: the square, then the velocity where the momentum is not 0, then the mean gradient where it is centred. */
export function rmspropForm(
  { alpha, epsilon, momentum, weightDecay }: RmspropSettings,
  { learningRate }: HostControls,
  centred: boolean,
): HostStep {
  return elementwise((p, [q, ...rest], gradient) => {
    const g = gradient + weightDecay * p;
    const square = alpha * (q as number) + (1 - alpha) * g * g;
    const mean = centred ? alpha * (rest.at(-1) as number) + (1 - alpha) * g : 0;
    const scaled = g / (Math.sqrt(Math.max(square - mean * mean, 0)) + epsilon);
    const velocity = momentum === 0 ? scaled : momentum * (rest[0] as number) + scaled;
    const states = [square, ...(momentum === 0 ? [] : [velocity]), ...(centred ? [mean] : [])];
    return [p - learningRate * velocity, ...states];
  });
}
