import type {
  AdamMoments,
  AdamSettings,
  OptimiserStep,
  RmspropMoments,
  RmspropSettings,
  Scalar,
  SgdMoments,
  SgdSettings,
  StepControls,
} from '@tempograd/core/backend';
import type { JsHandle, JsOperand, Memory } from '../memory.js';

type Controls = StepControls<JsHandle>;

function numberOf(memory: Memory, x: Scalar<JsHandle>): number {
  return typeof x === 'number' ? x : memory.floats(x)[0]!;
}

/** Whether the guard lets a step change anything. */
function allowed(memory: Memory, { guard }: Controls): boolean {
  return guard === null || Number.isFinite(memory.floats(guard)[0]!);
}

type Steps<M, S> = readonly OptimiserStep<M, S, JsHandle>[];

/** Steps of all parameters, or of none where the guard is not finite. */
function each<M extends object, S>(
  memory: Memory,
  steps: Steps<M, S>,
  controls: Controls,
  take: (
    memory: Memory,
    parameter: JsOperand,
    gradient: JsOperand,
    moments: M,
    controls: Controls,
    settings: S,
  ) => void,
): void {
  if (!allowed(memory, controls)) return;
  // What has no room throws before the first step.
  for (const { parameter, moments } of steps)
    for (const x of [parameter, ...(Object.values(moments) as (JsOperand | null)[])])
      if (x !== null) memory.ownFloats(x);
  for (const { parameter, gradient, moments, settings } of steps)
    take(memory, parameter, gradient, moments, controls, settings);
}

export function adamSteps(
  memory: Memory,
  steps: Steps<AdamMoments<JsOperand>, AdamSettings>,
  controls: Controls,
): void {
  each(memory, steps, controls, adamStep);
}

export function sgdSteps(memory: Memory, steps: Steps<SgdMoments<JsOperand>, SgdSettings>, controls: Controls): void {
  each(memory, steps, controls, sgdStep);
}

export function rmspropSteps(
  memory: Memory,
  steps: Steps<RmspropMoments<JsOperand>, RmspropSettings>,
  controls: Controls,
): void {
  each(memory, steps, controls, rmspropStep);
}

function adamStep(
  memory: Memory,
  parameter: JsOperand,
  gradient: JsOperand,
  { moment1, moment2, maxMoment2 }: AdamMoments<JsOperand>,
  controls: Controls,
  { beta1, beta2, epsilon, weightDecay, decoupled }: AdamSettings,
): void {
  const learningRate = numberOf(memory, controls.learningRate);
  const step = numberOf(memory, controls.step);
  const factor = numberOf(memory, controls.scale);
  const theta = memory.ownFloats(parameter);
  const grad = memory.floats(gradient);
  const m = memory.ownFloats(moment1);
  const v = memory.ownFloats(moment2);
  const u = maxMoment2 === null ? null : memory.ownFloats(maxMoment2);
  const decay = decoupled ? 0 : weightDecay;
  const shrink = decoupled ? 1 - learningRate * weightDecay : 1;
  const correction1 = 1 - beta1 ** step;
  const correction2 = 1 - beta2 ** step;
  for (let i = 0; i < theta.length; i++) {
    const g = factor * grad[i]! + decay * theta[i]!;
    const first = beta1 * m[i]! + (1 - beta1) * g;
    let second = beta2 * v[i]! + (1 - beta2) * g * g;
    m[i] = first;
    v[i] = second;
    if (u !== null) {
      second = Math.max(u[i]!, second);
      u[i] = second;
    }
    theta[i] =
      shrink * theta[i]! - (learningRate * (first / correction1)) / (Math.sqrt(second / correction2) + epsilon);
  }
}

function sgdStep(
  memory: Memory,
  parameter: JsOperand,
  gradient: JsOperand,
  { velocity }: SgdMoments<JsOperand>,
  controls: Controls,
  { momentum, nesterov, weightDecay }: SgdSettings,
): void {
  const learningRate = numberOf(memory, controls.learningRate);
  const isFirst = numberOf(memory, controls.step) === 1;
  const factor = numberOf(memory, controls.scale);
  const theta = memory.ownFloats(parameter);
  const grad = memory.floats(gradient);
  const v = velocity === null ? null : memory.ownFloats(velocity);
  for (let i = 0; i < theta.length; i++) {
    const g = factor * grad[i]! + weightDecay * theta[i]!;
    let direction = g;
    if (v !== null) {
      // At step 1 the velocity's old value, whatever it is, has no part.
      const velocityNow = isFirst ? g : momentum * v[i]! + g;
      v[i] = velocityNow;
      direction = nesterov ? g + momentum * velocityNow : velocityNow;
    }
    theta[i] = theta[i]! - learningRate * direction;
  }
}

function rmspropStep(
  memory: Memory,
  parameter: JsOperand,
  gradient: JsOperand,
  { square, velocity, mean }: RmspropMoments<JsOperand>,
  controls: Controls,
  { alpha, epsilon, momentum, weightDecay }: RmspropSettings,
): void {
  const learningRate = numberOf(memory, controls.learningRate);
  const factor = numberOf(memory, controls.scale);
  const theta = memory.ownFloats(parameter);
  const grad = memory.floats(gradient);
  const q = memory.ownFloats(square);
  const buffer = velocity === null ? null : memory.ownFloats(velocity);
  const average = mean === null ? null : memory.ownFloats(mean);
  for (let i = 0; i < theta.length; i++) {
    const g = factor * grad[i]! + weightDecay * theta[i]!;
    let second = alpha * q[i]! + (1 - alpha) * g * g;
    q[i] = second;
    if (average !== null) {
      const first = alpha * average[i]! + (1 - alpha) * g;
      average[i] = first;
      second = Math.max(second - first * first, 0);
    }
    let update = g / (Math.sqrt(second) + epsilon);
    if (buffer !== null) {
      update += momentum * buffer[i]!;
      buffer[i] = update;
    }
    theta[i] = theta[i]! - learningRate * update;
  }
}
