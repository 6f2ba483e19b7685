import {
  LifetimeError,
  type AdamSettings,
  type FusedFamily,
  type RmspropSettings,
  type SgdSettings,
} from '../../backend/index.js';
import { present, reportPath, whyNotFused } from '../applyFused.js';
import { commonBackend } from '../bind.js';
import { add, div, mul, sqrt, sub } from '../ops/index.js';
import { keep, scope } from '../scope.js';
import { refuseInStage } from '../stage.js';
import { ArrayTensor, type Tensor } from '../Tensor.js';

/**
 * Optimiser steps change tensors' values where they are: the same `Tensor` has its new value afterwards, and whoever shared
 * the old value (a tape, a checkpoint) keeps it. `scale`, a scalar or null for 1, multiplies the gradient first.
 */

/** One step of Adam or AdamW; see `AdamSettings` for the equations. Source: Kingma & Ba 2015; Loshchilov & Hutter 2019. */
export function adamStep(
  parameter: Tensor,
  gradient: Tensor,
  moment1: Tensor,
  moment2: Tensor,
  scale: Tensor | null,
  settings: AdamSettings,
): void {
  const [p, g, m, v] = [valueOf(parameter), valueOf(gradient), valueOf(moment1), valueOf(moment2)];
  const s = scale && valueOf(scale);
  if (inPlace('adam', [p, m, v])) {
    present(p.backend.adamStep).call(p.backend, p, g, m, v, s, settings);
    return;
  }
  const { learningRate, beta1, beta2, epsilon, weightDecay, decoupled, step } = settings;
  replace([p, m, v], () => {
    const scaled = s === null ? g : mul(g, s);
    const decayed = decoupled || weightDecay === 0 ? scaled : add(scaled, mul(p, weightDecay));
    const nextM = add(mul(m, beta1), mul(decayed, 1 - beta1));
    const nextV = add(mul(v, beta2), mul(mul(decayed, decayed), 1 - beta2));
    const denominator = add(div(sqrt(nextV), Math.sqrt(1 - beta2 ** step)), epsilon);
    const shrunk = decoupled && weightDecay !== 0 ? mul(p, 1 - learningRate * weightDecay) : p;
    return [sub(shrunk, mul(div(nextM, denominator), learningRate / (1 - beta1 ** step))), nextM, nextV];
  });
}

/** One step of stochastic gradient descent; `velocity` is null exactly when the momentum is 0. See `SgdSettings` for the equations. */
export function sgdStep(
  parameter: Tensor,
  gradient: Tensor,
  velocity: Tensor | null,
  scale: Tensor | null,
  settings: SgdSettings,
): void {
  const [p, g, v, s] = [valueOf(parameter), valueOf(gradient), velocity && valueOf(velocity), scale && valueOf(scale)];
  const changing = v === null ? [p] : [p, v];
  if (inPlace('sgd', changing)) {
    present(p.backend.sgdStep).call(p.backend, p, g, v, s, settings);
    return;
  }
  const { learningRate, momentum, nesterov, weightDecay, step } = settings;
  replace(changing, () => {
    const scaled = s === null ? g : mul(g, s);
    const decayed = weightDecay === 0 ? scaled : add(scaled, mul(p, weightDecay));
    if (v === null) return [sub(p, mul(decayed, learningRate))];
    const next = step === 1 ? add(decayed, 0) : add(mul(v, momentum), decayed);
    const direction = nesterov ? add(decayed, mul(next, momentum)) : next;
    return [sub(p, mul(direction, learningRate)), next];
  });
}

/** One step of RMSprop; `velocity` is null exactly when the momentum is 0. See `RmspropSettings` for the equations. Source: Hinton 2012, lecture 6e. */
export function rmspropStep(
  parameter: Tensor,
  gradient: Tensor,
  square: Tensor,
  velocity: Tensor | null,
  scale: Tensor | null,
  settings: RmspropSettings,
): void {
  const [p, g, q] = [valueOf(parameter), valueOf(gradient), valueOf(square)];
  const [b, s] = [velocity && valueOf(velocity), scale && valueOf(scale)];
  const changing = b === null ? [p, q] : [p, q, b];
  if (inPlace('rmsprop', changing)) {
    present(p.backend.rmspropStep).call(p.backend, p, g, q, b, s, settings);
    return;
  }
  const { learningRate, alpha, epsilon, momentum, weightDecay } = settings;
  replace(changing, () => {
    const scaled = s === null ? g : mul(g, s);
    const decayed = weightDecay === 0 ? scaled : add(scaled, mul(p, weightDecay));
    const nextQ = add(mul(q, alpha), mul(mul(decayed, decayed), 1 - alpha));
    const direction = div(decayed, add(sqrt(nextQ), epsilon));
    if (b === null) return [sub(p, mul(direction, learningRate)), nextQ];
    const nextB = add(mul(b, momentum), direction);
    return [sub(p, mul(nextB, learningRate)), nextQ, nextB];
  });
}

/** Whether the backend may overwrite these buffers: it has the op, and nobody else holds them. */
function inPlace(family: FusedFamily, changing: readonly ArrayTensor[]): boolean {
  const shared = changing.some((x) => !x.storage.exclusive)
    ? 'a tensor to change is shared, and its holder keeps the old value'
    : null;
  const reason = whyNotFused(family, commonBackend(family, changing)) ?? shared;
  reportPath(family, reason);
  return reason === null;
}

function replace(changing: readonly ArrayTensor[], compute: () => Tensor[]): void {
  const next = scope(() => keep(compute()));
  changing.forEach((x, index) => x.assign(next[index] as ArrayTensor));
}

function valueOf(x: Tensor): ArrayTensor {
  refuseInStage('an optimiser step was taken');
  if (!(x instanceof ArrayTensor)) {
    throw new LifetimeError(
      'An optimiser step was taken inside a function that is being differentiated or batched (vmap); take it outside, after the gradient.',
    );
  }
  return x;
}
