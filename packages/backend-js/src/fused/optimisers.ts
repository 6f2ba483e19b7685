import type { AdamSettings, RmspropSettings, SgdSettings } from '@tempograd/core/backend';
import type { JsOperand, Memory } from '../memory.js';

/** The factor on the gradient: a clipping factor, or 1. */
function scaleOf(memory: Memory, scale: JsOperand | null): number {
  return scale === null ? 1 : memory.floats(scale)[0]!;
}

export function adamStep(
  memory: Memory,
  parameter: JsOperand,
  gradient: JsOperand,
  moment1: JsOperand,
  moment2: JsOperand,
  scale: JsOperand | null,
  { learningRate, beta1, beta2, epsilon, weightDecay, decoupled, step }: AdamSettings,
): void {
  const theta = memory.ownFloats(parameter);
  const grad = memory.floats(gradient);
  const m = memory.ownFloats(moment1);
  const v = memory.ownFloats(moment2);
  const factor = scaleOf(memory, scale);
  const decay = decoupled ? 0 : weightDecay;
  const shrink = decoupled ? 1 - learningRate * weightDecay : 1;
  const correction1 = 1 - beta1 ** step;
  const correction2 = 1 - beta2 ** step;
  for (let i = 0; i < theta.length; i++) {
    const g = factor * grad[i]! + decay * theta[i]!;
    const first = beta1 * m[i]! + (1 - beta1) * g;
    const second = beta2 * v[i]! + (1 - beta2) * g * g;
    m[i] = first;
    v[i] = second;
    theta[i] =
      shrink * theta[i]! - (learningRate * (first / correction1)) / (Math.sqrt(second / correction2) + epsilon);
  }
}

export function sgdStep(
  memory: Memory,
  parameter: JsOperand,
  gradient: JsOperand,
  velocity: JsOperand | null,
  scale: JsOperand | null,
  { learningRate, momentum, nesterov, weightDecay, step }: SgdSettings,
): void {
  const theta = memory.ownFloats(parameter);
  const grad = memory.floats(gradient);
  const v = velocity === null ? null : memory.ownFloats(velocity);
  const factor = scaleOf(memory, scale);
  for (let i = 0; i < theta.length; i++) {
    const g = factor * grad[i]! + weightDecay * theta[i]!;
    let direction = g;
    if (v !== null) {
      // At step 1 the velocity's old value, whatever it is, has no part.
      const velocityNow = step === 1 ? g : momentum * v[i]! + g;
      v[i] = velocityNow;
      direction = nesterov ? g + momentum * velocityNow : velocityNow;
    }
    theta[i] = theta[i]! - learningRate * direction;
  }
}

export function rmspropStep(
  memory: Memory,
  parameter: JsOperand,
  gradient: JsOperand,
  square: JsOperand,
  velocity: JsOperand | null,
  scale: JsOperand | null,
  { learningRate, alpha, epsilon, momentum, weightDecay }: RmspropSettings,
): void {
  const theta = memory.ownFloats(parameter);
  const grad = memory.floats(gradient);
  const v = memory.ownFloats(square);
  const buffer = velocity === null ? null : memory.ownFloats(velocity);
  const factor = scaleOf(memory, scale);
  for (let i = 0; i < theta.length; i++) {
    const g = factor * grad[i]! + weightDecay * theta[i]!;
    const second = alpha * v[i]! + (1 - alpha) * g * g;
    v[i] = second;
    let update = g / (Math.sqrt(second) + epsilon);
    if (buffer !== null) {
      update += momentum * buffer[i]!;
      buffer[i] = update;
    }
    theta[i] = theta[i]! - learningRate * update;
  }
}
