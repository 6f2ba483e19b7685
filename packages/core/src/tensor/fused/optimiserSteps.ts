import {
  ArgumentError,
  DTypeError,
  formatShape,
  isFloat,
  LifetimeError,
  sameShape,
  ShapeError,
  type AdamMoments,
  type AdamSettings,
  type FusedFamily,
  type RmspropMoments,
  type RmspropSettings,
  type SgdMoments,
  type SgdSettings,
  type StepControls,
} from '../../backend/index.js';
import { present, reportPath, whyNotFused } from '../applyFused.js';
import { commonBackend, requireAlive } from '../bind.js';
import { add, div, equal, maximum, mul, pow, select, sqrt, sub, type TensorLike } from '../ops/index.js';
import { keep, scope } from '../scope.js';
import { refuseInStage } from '../stage.js';
import { ArrayTensor, Tensor } from '../Tensor.js';
import { adamTables, checkStep, requireVelocity, rmspropTables, sgdTables } from './stepTables.js';

/**
 * What an optimiser step takes from the update that it belongs to: numbers, or scalars that are on the device already, of the
 * parameter's dtype; none of them is read back for the step.
 */
export interface OptimiserControls {
  readonly learningRate: TensorLike;
  /** Number of the update, from 1. */
  readonly step: TensorLike;
  /** Multiplies the gradient first; default is 1. */
  readonly scale?: TensorLike | null;
  /** Where this scalar is not finite the step changes nothing; default is none. */
  readonly guard?: Tensor | null;
}

/**
 * Optimiser steps change tensors' values where they are: the same `Tensor` has its new value afterwards, and whoever shared
 * the old value (a tape, a checkpoint) keeps it. Parameter, gradient and moments are of one shape and one float dtype.
 */

/**
 * One step of Adam, AdamW or AMSGrad; see `AdamSettings` for the equations.
 * @throws ShapeError, DTypeError, BackendError, ArgumentError, LifetimeError before anything is changed.
 * Source: Kingma & Ba 2015; Loshchilov & Hutter 2019; Reddi, Kale & Kumar 2018.
 */
export function adamStep(
  parameter: Tensor,
  gradient: Tensor,
  moments: AdamMoments<Tensor>,
  controls: OptimiserControls,
  settings: AdamSettings,
): void {
  checkStep('adamStep', adamTables, moments, controls, settings);
  const m = valueOf('adam', 'moment1', moments.moment1);
  const v = valueOf('adam', 'moment2', moments.moment2);
  const u = valueOrNull('adam', 'maxMoment2', moments.maxMoment2);
  const call = checkedCall('adam', parameter, gradient, u === null ? [m, v] : [m, v, u], controls);
  const { p, g } = call;
  if (inPlace('adam', call.changing)) {
    const own = { moment1: m, moment2: v, maxMoment2: u };
    present(p.backend.adamStep).call(p.backend, p, g, own, call.controls, settings);
    return;
  }
  const { beta1, beta2, epsilon, weightDecay, decoupled } = settings;
  const { learningRate, step } = call;
  replace(call, () => {
    const decayed = decoupled ? scaled(call) : withDecay(call, weightDecay);
    const nextM = add(mul(m, beta1), mul(decayed, 1 - beta1));
    const nextV = add(mul(v, beta2), mul(mul(decayed, decayed), 1 - beta2));
    const nextU = u === null ? null : maximum(u, nextV);
    const root = root1(minus(1, power(beta2, step)));
    const denominator = add(div(sqrt(nextU ?? nextV), root), epsilon);
    const shrunk = decoupled && weightDecay !== 0 ? mul(p, minus(1, times(learningRate, weightDecay))) : p;
    const rate = over(learningRate, minus(1, power(beta1, step)));
    const next = sub(shrunk, mul(div(nextM, denominator), rate));
    return [next, nextM, nextV, ...(nextU === null ? [] : [nextU])];
  });
}

/** One step of stochastic gradient descent; see `SgdSettings` for the equations. Errors as for `adamStep`. */
export function sgdStep(
  parameter: Tensor,
  gradient: Tensor,
  moments: SgdMoments<Tensor>,
  controls: OptimiserControls,
  settings: SgdSettings,
): void {
  checkStep('sgdStep', sgdTables, moments, controls, settings);
  requireVelocity('sgdStep', moments.velocity, settings.momentum);
  const v = valueOrNull('sgd', 'velocity', moments.velocity);
  const call = checkedCall('sgd', parameter, gradient, v === null ? [] : [v], controls);
  const { p, g } = call;
  if (inPlace('sgd', call.changing)) {
    present(p.backend.sgdStep).call(p.backend, p, g, { velocity: v }, call.controls, settings);
    return;
  }
  const { momentum, nesterov, weightDecay } = settings;
  const { learningRate, step } = call;
  replace(call, () => {
    const decayed = withDecay(call, weightDecay);
    if (v === null) return [sub(p, mul(decayed, learningRate))];
    const next = firstElse(step, decayed, () => add(mul(v, momentum), decayed));
    const direction = nesterov ? add(decayed, mul(next, momentum)) : next;
    return [sub(p, mul(direction, learningRate)), next];
  });
}

/** One step of RMSprop; see `RmspropSettings` for the equations. Errors as for `adamStep`. Source: Hinton 2012, lecture 6e; Graves 2013. */
export function rmspropStep(
  parameter: Tensor,
  gradient: Tensor,
  moments: RmspropMoments<Tensor>,
  controls: OptimiserControls,
  settings: RmspropSettings,
): void {
  checkStep('rmspropStep', rmspropTables, moments, controls, settings);
  requireVelocity('rmspropStep', moments.velocity, settings.momentum);
  const q = valueOf('rmsprop', 'square', moments.square);
  const b = valueOrNull('rmsprop', 'velocity', moments.velocity);
  const a = valueOrNull('rmsprop', 'mean', moments.mean);
  const averages = [q, ...(b === null ? [] : [b]), ...(a === null ? [] : [a])];
  const call = checkedCall('rmsprop', parameter, gradient, averages, controls);
  const { p, g } = call;
  if (inPlace('rmsprop', call.changing)) {
    const own = { square: q, velocity: b, mean: a };
    present(p.backend.rmspropStep).call(p.backend, p, g, own, call.controls, settings);
    return;
  }
  const { alpha, epsilon, momentum, weightDecay } = settings;
  const { learningRate } = call;
  replace(call, () => {
    const decayed = withDecay(call, weightDecay);
    const nextQ = add(mul(q, alpha), mul(mul(decayed, decayed), 1 - alpha));
    const nextA = a === null ? null : add(mul(a, alpha), mul(decayed, 1 - alpha));
    const variance = nextA === null ? nextQ : maximum(sub(nextQ, mul(nextA, nextA)), 0);
    const direction = div(decayed, add(sqrt(variance), epsilon));
    const nextB = b === null ? null : add(mul(b, momentum), direction);
    const next = sub(p, mul(nextB ?? direction, learningRate));
    return [next, nextQ, ...(nextB === null ? [] : [nextB]), ...(nextA === null ? [] : [nextA])];
  });
}

/** A step whose arguments fit each other. */
interface CheckedCall {
  readonly p: ArrayTensor;
  readonly g: ArrayTensor;
  /** What the step overwrites, the parameter first. */
  readonly changing: readonly ArrayTensor[];
  readonly learningRate: TensorLike;
  readonly step: TensorLike;
  readonly scale: TensorLike;
  readonly guard: ArrayTensor | null;
  /** The same as backends take them. */
  readonly controls: StepControls;
}

function checkedCall(
  name: FusedFamily,
  parameter: Tensor,
  gradient: Tensor,
  moments: readonly ArrayTensor[],
  controls: OptimiserControls,
): CheckedCall {
  const [p, g] = [valueOf(name, 'parameter', parameter), valueOf(name, 'gradient', gradient)];
  const all = [p, g, ...moments];
  commonBackend(name, all);
  requireAlive(all);
  if (!isFloat(p.dtype)) throw new DTypeError(`${name}: parameters must be f32 or f64, but one is ${p.dtype}.`);
  for (const x of all) {
    if (!sameShape(x.shape, p.shape)) {
      throw new ShapeError(
        `${name}: a gradient or moment of shape ${formatShape(x.shape)} does not belong to a parameter of shape ${formatShape(p.shape)}.`,
      );
    }
    if (x.dtype !== p.dtype) {
      throw new DTypeError(
        `${name}: a gradient or moment is ${x.dtype}, but its parameter ${p.dtype}; convert it with cast().`,
      );
    }
  }
  if (all.some((x, index) => all.indexOf(x) !== index)) {
    throw new ArgumentError(
      `${name}: parameter, gradient and moments must be different tensors, but one stands in two places.`,
    );
  }
  const learningRate = scalarOf(name, 'learningRate', controls.learningRate, p);
  const step = scalarOf(name, 'step', controls.step, p);
  const scale = scalarOf(name, 'scale', controls.scale ?? 1, p);
  const guard = controls.guard ? (scalarOf(name, 'guard', controls.guard, p) as ArrayTensor) : null;
  return {
    p,
    g,
    changing: [p, ...moments],
    learningRate,
    step,
    scale,
    guard,
    controls: { learningRate, step, scale, guard },
  };
}

function scalarOf(name: string, what: string, x: TensorLike, p: ArrayTensor): ArrayTensor | number {
  if (typeof x === 'number') return x;
  const value = valueOf(name, what, x);
  commonBackend(name, [p, value]);
  requireAlive([value]);
  if (value.rank !== 0)
    throw new ShapeError(`${name}: ${what} must be a scalar, but has shape ${formatShape(value.shape)}.`);
  if (value.dtype !== p.dtype)
    throw new DTypeError(`${name}: ${what} must be ${p.dtype} as the parameter is, but is ${value.dtype}.`);
  return value;
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

/** Gives the changing tensors their next values, or the ones they have where the guard is not finite. */
function replace({ changing, guard }: CheckedCall, compute: () => Tensor[]): void {
  const next = scope(() => {
    const computed = compute();
    if (guard === null) return keep(computed);
    const isFinite = equal(mul(guard, 0), 0);
    return keep(computed.map((x, index) => select(isFinite, x, changing[index] as ArrayTensor)));
  });
  changing.forEach((x, index) => x.assign(next[index] as ArrayTensor));
}

function scaled({ g, scale }: CheckedCall): Tensor {
  return scale === 1 ? g : mul(g, scale);
}

function withDecay(call: CheckedCall, weightDecay: number): Tensor {
  return weightDecay === 0 ? scaled(call) : add(scaled(call), mul(call.p, weightDecay));
}

/** `first` at step 1, else what `later` makes. */
function firstElse(step: TensorLike, first: Tensor, later: () => Tensor): Tensor {
  if (typeof step !== 'number') return select(equal(step, 1), first, later());
  return step === 1 ? add(first, 0) : later();
}

/** Arithmetic on the host where all is known there, else on the device. */
const lift =
  (host: (a: number, b: number) => number, device: (a: TensorLike, b: TensorLike) => Tensor) =>
  (a: TensorLike, b: TensorLike): TensorLike =>
    typeof a === 'number' && typeof b === 'number' ? host(a, b) : device(a, b);

const minus = lift((a, b) => a - b, sub);
const times = lift((a, b) => a * b, mul);
const over = lift((a, b) => a / b, div);
const power = lift((a, b) => a ** b, pow);
const root1 = (x: TensorLike): TensorLike => (typeof x === 'number' ? Math.sqrt(x) : sqrt(x));

function valueOrNull(name: string, what: string, x: Tensor | null): ArrayTensor | null {
  return x === null ? null : valueOf(name, what, x);
}

function valueOf(name: string, what: string, x: Tensor): ArrayTensor {
  refuseInStage('an optimiser step was taken');
  if (x instanceof ArrayTensor) return x;
  if (!(x instanceof Tensor)) throw new ArgumentError(`${name}: ${what} must be a tensor, but is ${String(x)}.`);
  throw new LifetimeError(
    'An optimiser step was taken inside a function that is being differentiated or batched (vmap); take it outside, after the gradient.',
  );
}
