import {
  ArgumentError,
  BackendError,
  DTypeError,
  formatShape,
  isFloat,
  LifetimeError,
  sameShape,
  ShapeError,
} from '../../backend/index.js';
import { refuseInStage } from '../stage.js';
import { ArrayTensor, Tensor } from '../Tensor.js';
import type { TensorLike } from '../ops/index.js';
import type { OptimiserControls } from './optimiserSteps.js';
import type { OptimiserRule, RuleMoments, RuleSettings, StepRule } from './stepRules.js';
import { checkControls, checkSettings } from './stepTables.js';

/** What `optimiserSteps` steps: lists of one length, in the order of the parameters. */
export interface StepsCall<R extends OptimiserRule> {
  readonly parameters: readonly Tensor[];
  readonly gradients: readonly Tensor[];
  /** A list for each moment that is kept, null for each that is not. */
  readonly moments: RuleMoments<readonly Tensor[]>[R];
  readonly settings: readonly RuleSettings[R][];
}

/** Controls as backends take them. */
export interface CheckedControls {
  readonly learningRate: ArrayTensor | number;
  readonly step: ArrayTensor | number;
  readonly scale: ArrayTensor | number;
  readonly guard: ArrayTensor | null;
}

/** A step whose arguments fit each other. */
export interface CheckedStep<R extends OptimiserRule> {
  readonly parameter: ArrayTensor;
  readonly gradient: ArrayTensor;
  readonly moments: RuleMoments<ArrayTensor>[R];
  /** The moments that are kept, in the order of their names. */
  readonly averages: readonly ArrayTensor[];
  readonly settings: RuleSettings[R];
}

/** Steps of an update, all of whose arguments fit each other. */
export interface CheckedSteps<R extends OptimiserRule> {
  readonly steps: readonly CheckedStep<R>[];
  readonly controls: CheckedControls;
}

/**
 * All that steps can refuse, looked at before the first is taken.
 * @throws ArgumentError, LifetimeError, BackendError, DTypeError, ShapeError.
 */
export function checkSteps<R extends OptimiserRule>(
  of: string,
  rule: StepRule<R>,
  given: StepsCall<R>,
  controls: OptimiserControls,
): CheckedSteps<R> {
  refuseInStage(`${of}: an optimiser step was taken`);
  checkControls(of, controls);
  const { parameters, gradients, settings } = given;
  const kept = rule.kept<readonly Tensor[]>(given.moments);
  requireLengths(of, [gradients, settings, ...kept], parameters.length);
  const checked: CheckedControls = {
    learningRate: scalarOf(of, 'learningRate', controls.learningRate),
    step: scalarOf(of, 'step', controls.step),
    scale: scalarOf(of, 'scale', controls.scale ?? 1),
    guard: controls.guard ? requireScalar(of, 'guard', valueOf(of, 'guard', controls.guard)) : null,
  };
  const { learningRate, step, scale, guard } = checked;
  const scalars = [learningRate, step, scale, guard].filter((x) => x instanceof ArrayTensor);
  const changing = new Set<ArrayTensor>();
  const steps: CheckedStep<R>[] = [];
  for (let index = 0; index < parameters.length; index++) {
    const own = settings[index] as RuleSettings[R];
    if (index === 0 || own !== settings[index - 1]) {
      checkSettings(of, rule.tables.settings, own);
      rule.requireMoments(of, given.moments, own);
    }
    const p = valueOf(of, 'the parameter', parameters[index]);
    if (!isFloat(p.dtype)) throw new DTypeError(`${of}: parameters must be f32 or f64, but one is ${p.dtype}.`);
    const g = valueOf(of, 'the gradient', gradients[index]);
    requireLike(of, 'a gradient', g, p);
    const averages = kept.map((moments) => valueOf(of, 'a moment', moments[index]));
    for (const average of averages) requireLike(of, 'a moment', average, p);
    changing.add(p);
    for (const average of averages) changing.add(average);
    for (const scalar of scalars) requireBeside(of, 'a scalar of the update', scalar, p);
    const moments = rule.momentsAt(given.moments, index) as RuleMoments<ArrayTensor>[R];
    steps.push({ parameter: p, gradient: g, moments, averages, settings: own });
  }
  const taken = (x: ArrayTensor): boolean => changing.has(x);
  const distinct = changing.size === parameters.length * (1 + kept.length);
  if (!distinct || steps.some(({ gradient }) => taken(gradient)) || scalars.some(taken)) {
    throw new ArgumentError(
      `${of}: parameters and moments are changed in place, but one of them stands in another place of the update too. ` +
        'Give each place a tensor of its own.',
    );
  }
  return { steps, controls: checked };
}

function requireLengths(of: string, lists: readonly (readonly unknown[])[], length: number): void {
  for (const list of lists) {
    if (list.length === length) continue;
    throw new ArgumentError(
      `${of}: there are ${length} parameters, but a list of ${list.length} that belong to them; each needs its own.`,
    );
  }
}

function scalarOf(of: string, what: string, x: TensorLike): ArrayTensor | number {
  return typeof x === 'number' ? x : requireScalar(of, what, valueOf(of, what, x));
}

/** Of the parameter's backend, shape and dtype. */
function requireLike(of: string, what: string, x: ArrayTensor, p: ArrayTensor): void {
  requireBeside(of, what, x, p);
  if (!sameShape(x.shape, p.shape)) {
    throw new ShapeError(
      `${of}: ${what} of shape ${formatShape(x.shape)} does not belong to a parameter of shape ${formatShape(p.shape)}.`,
    );
  }
}

function requireBeside(of: string, what: string, { backend, dtype }: ArrayTensor, p: ArrayTensor): void {
  if (backend !== p.backend) {
    throw new BackendError(
      `${of}: a parameter is on ${p.backend.name}, but ${what} that belongs to it on another backend, ${backend.name}. ` +
        'Read one and make it anew with tensor(values, { backend }).',
    );
  }
  if (dtype !== p.dtype) {
    throw new DTypeError(`${of}: ${what} is ${dtype}, but its parameter ${p.dtype}; convert it with cast().`);
  }
}

function requireScalar(of: string, what: string, x: ArrayTensor): ArrayTensor {
  if (x.rank === 0) return x;
  throw new ShapeError(`${of}: ${what} must be a scalar, but has shape ${formatShape(x.shape)}.`);
}

/** @throws ArgumentError for what is no tensor; LifetimeError for one that is disposed of, or watched. */
function valueOf(of: string, what: string, x: unknown): ArrayTensor {
  if (x instanceof ArrayTensor) {
    void x.storage;
    return x;
  }
  if (!(x instanceof Tensor)) throw new ArgumentError(`${of}: ${what} must be a tensor, but is ${String(x)}.`);
  throw new LifetimeError(
    `${of}: an optimiser step was taken inside a function that is being differentiated or batched (vmap); take it outside, after the gradient.`,
  );
}
