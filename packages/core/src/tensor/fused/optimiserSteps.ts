import {
  checkOptions,
  type AdamMoments,
  type AdamSettings,
  type RmspropMoments,
  type RmspropSettings,
  type SgdMoments,
  type SgdSettings,
} from '../../backend/index.js';
import { reportPath, whyNotFused } from '../applyFused.js';
import { equal, mul, select, type TensorLike } from '../ops/index.js';
import { keep, scope } from '../scope.js';
import type { ArrayTensor, Tensor } from '../Tensor.js';
import { checkSteps, type CheckedControls, type CheckedStep, type StepsCall } from './checkSteps.js';
import { stepRules, type OptimiserRule, type StepRule } from './stepRules.js';
import { listTables, requireRule } from './stepTables.js';

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
  checkOptions('adamStep', moments, stepRules.adam.tables.moments, 'moments');
  const { moment1, moment2, maxMoment2 } = moments;
  const lists = { moment1: [moment1], moment2: [moment2], maxMoment2: maxMoment2 && [maxMoment2] };
  const given = { parameters: [parameter], gradients: [gradient], moments: lists, settings: [settings] };
  takeSteps('adamStep', stepRules.adam, given, controls);
}

/** One step of stochastic gradient descent; see `SgdSettings` for the equations. Errors as for `adamStep`. */
export function sgdStep(
  parameter: Tensor,
  gradient: Tensor,
  moments: SgdMoments<Tensor>,
  controls: OptimiserControls,
  settings: SgdSettings,
): void {
  checkOptions('sgdStep', moments, stepRules.sgd.tables.moments, 'moments');
  const { velocity } = moments;
  const lists = { velocity: velocity && [velocity] };
  const given = { parameters: [parameter], gradients: [gradient], moments: lists, settings: [settings] };
  takeSteps('sgdStep', stepRules.sgd, given, controls);
}

/** One step of RMSprop; see `RmspropSettings` for the equations. Errors as for `adamStep`. Source: Hinton 2012, lecture 6e; Graves 2013. */
export function rmspropStep(
  parameter: Tensor,
  gradient: Tensor,
  moments: RmspropMoments<Tensor>,
  controls: OptimiserControls,
  settings: RmspropSettings,
): void {
  checkOptions('rmspropStep', moments, stepRules.rmsprop.tables.moments, 'moments');
  const { square, velocity, mean } = moments;
  const lists = { square: [square], velocity: velocity && [velocity], mean: mean && [mean] };
  const given = { parameters: [parameter], gradients: [gradient], moments: lists, settings: [settings] };
  takeSteps('rmspropStep', stepRules.rmsprop, given, controls);
}

/**
 * A step of each of several parameters, as `adamStep`, `sgdStep` or `rmspropStep` takes it: all are looked at before the first is
 * taken, so that an update is taken whole or not at all. Errors as for those, under the name `of`.
 */
export function optimiserSteps<R extends OptimiserRule>(
  rule: R,
  given: StepsCall<R>,
  controls: OptimiserControls,
  of = 'optimiserSteps',
): void {
  requireRule(of, rule, Object.keys(stepRules));
  checkOptions(of, given, listTables.lists);
  checkOptions(of, given.moments, listTables[rule], 'moments');
  takeSteps(of, stepRules[rule], given, controls);
}

function takeSteps<R extends OptimiserRule>(
  of: string,
  rule: StepRule<R>,
  given: StepsCall<R>,
  controls: OptimiserControls,
): void {
  const checked = checkSteps(of, rule, given, controls);
  const backend = checked.steps[0]?.parameter.backend;
  if (backend === undefined) return;
  const unfused = whyNotFused(rule.family, backend);
  const inPlace: CheckedStep<R>[] = [];
  const replaced: CheckedStep<R>[] = [];
  for (const step of checked.steps) {
    const reason =
      unfused ?? (isAlone(step) ? null : 'a tensor to change is shared, and its holder keeps the old value');
    reportPath(rule.family, reason);
    (reason === null ? inPlace : replaced).push(step);
  }
  if (inPlace.length > 0) rule.inPlace(backend, inPlace, checked.controls);
  for (const step of replaced) replace(rule, step, checked.controls);
}

/** Whether nobody else holds what a step changes. */
function isAlone({ parameter, averages }: CheckedStep<OptimiserRule>): boolean {
  return parameter.storage.exclusive && averages.every(({ storage }) => storage.exclusive);
}

/** Gives the changing tensors their next values, or the ones they have where the guard is not finite. */
function replace<R extends OptimiserRule>(rule: StepRule<R>, step: CheckedStep<R>, controls: CheckedControls): void {
  const changing = [step.parameter, ...step.averages];
  const { guard } = controls;
  const next = scope(() => {
    const computed = rule.composed(step, controls);
    if (guard === null) return keep(computed);
    const isFinite = equal(mul(guard, 0), 0);
    return keep(computed.map((x, index) => select(isFinite, x, changing[index] as ArrayTensor)));
  });
  changing.forEach((x, index) => x.assign(next[index] as ArrayTensor));
}
