import type {
  AdamMoments,
  AdamSettings,
  Backend,
  FusedFamily,
  OptionTable,
  RmspropMoments,
  RmspropSettings,
  SgdMoments,
  SgdSettings,
} from '../../backend/index.js';
import { present } from '../applyFused.js';
import { add, div, equal, maximum, mul, pow, select, sqrt, sub, type TensorLike } from '../ops/index.js';
import type { Tensor } from '../Tensor.js';
import type { CheckedControls, CheckedStep } from './checkSteps.js';
import { adamTables, requireVelocity, rmspropTables, sgdTables } from './stepTables.js';

/** Moments of each rule, a `T` for each that is kept and null for each that is not. */
export interface RuleMoments<T> {
  readonly adam: AdamMoments<T>;
  readonly sgd: SgdMoments<T>;
  readonly rmsprop: RmspropMoments<T>;
}

/** Settings of each rule; their equations stand beside them. */
export interface RuleSettings {
  /** Of Adam and AdamW. */
  readonly adam: AdamSettings;
  /** Of SGD. */
  readonly sgd: SgdSettings;
  /** Of RMSprop. */
  readonly rmsprop: RmspropSettings;
}

/** A rule that changes one parameter by its gradient; `adam` is AdamW and AMSGrad too. */
export type OptimiserRule = keyof RuleSettings;

/** One rule on both its paths. */
export interface StepRule<R extends OptimiserRule> {
  readonly family: FusedFamily & R;
  readonly tables: { readonly moments: OptionTable; readonly settings: OptionTable };
  /** @throws ArgumentError where the settings want other moments. */
  requireMoments(of: string, moments: RuleMoments<unknown>[R], settings: RuleSettings[R]): void;
  /** The moments of one parameter out of lists of them. */
  momentsAt<T>(lists: RuleMoments<readonly T[]>[R], index: number): RuleMoments<T>[R];
  /** Moments that are kept, in the order of their names. */
  kept<T>(moments: RuleMoments<T>[R]): T[];
  inPlace(backend: Backend, steps: readonly CheckedStep<R>[], controls: CheckedControls): void;
  /** Next values of the parameter and of the moments that are kept, in the order of their names. */
  composed(step: CheckedStep<R>, controls: CheckedControls): Tensor[];
}

const adam: StepRule<'adam'> = {
  family: 'adam',
  tables: adamTables,
  requireMoments() {},
  momentsAt: ({ moment1, moment2, maxMoment2 }, index) => ({
    moment1: at(moment1, index),
    moment2: at(moment2, index),
    maxMoment2: atOrNull(maxMoment2, index),
  }),
  kept: ({ moment1, moment2, maxMoment2 }) =>
    maxMoment2 === null ? [moment1, moment2] : [moment1, moment2, maxMoment2],
  inPlace(backend, steps, controls) {
    present(backend.adamSteps).call(backend, steps, controls);
  },
  composed(step, controls) {
    const { parameter: p, moments, settings } = step;
    const { moment1: m, moment2: v, maxMoment2: u } = moments;
    const { beta1, beta2, epsilon, weightDecay, decoupled } = settings;
    const { learningRate, step: number } = controls;
    const decayed = decoupled ? scaled(step, controls) : withDecay(step, controls, weightDecay);
    const nextM = add(mul(m, beta1), mul(decayed, 1 - beta1));
    const nextV = add(mul(v, beta2), mul(mul(decayed, decayed), 1 - beta2));
    const nextU = u === null ? null : maximum(u, nextV);
    const root = root1(minus(1, power(beta2, number)));
    const denominator = add(div(sqrt(nextU ?? nextV), root), epsilon);
    const shrunk = decoupled && weightDecay !== 0 ? mul(p, minus(1, times(learningRate, weightDecay))) : p;
    const rate = over(learningRate, minus(1, power(beta1, number)));
    const next = sub(shrunk, mul(div(nextM, denominator), rate));
    return [next, nextM, nextV, ...(nextU === null ? [] : [nextU])];
  },
};

const sgd: StepRule<'sgd'> = {
  family: 'sgd',
  tables: sgdTables,
  requireMoments: (of, { velocity }, { momentum }) => requireVelocity(of, velocity, momentum),
  momentsAt: ({ velocity }, index) => ({ velocity: atOrNull(velocity, index) }),
  kept: ({ velocity }) => (velocity === null ? [] : [velocity]),
  inPlace(backend, steps, controls) {
    present(backend.sgdSteps).call(backend, steps, controls);
  },
  composed(step, controls) {
    const { parameter: p, settings } = step;
    const { velocity: v } = step.moments;
    const { momentum, nesterov, weightDecay } = settings;
    const { learningRate, step: number } = controls;
    const decayed = withDecay(step, controls, weightDecay);
    if (v === null) return [sub(p, mul(decayed, learningRate))];
    const next = firstElse(number, decayed, () => add(mul(v, momentum), decayed));
    const direction = nesterov ? add(decayed, mul(next, momentum)) : next;
    return [sub(p, mul(direction, learningRate)), next];
  },
};

const rmsprop: StepRule<'rmsprop'> = {
  family: 'rmsprop',
  tables: rmspropTables,
  requireMoments: (of, { velocity }, { momentum }) => requireVelocity(of, velocity, momentum),
  momentsAt: ({ square, velocity, mean }, index) => ({
    square: at(square, index),
    velocity: atOrNull(velocity, index),
    mean: atOrNull(mean, index),
  }),
  kept: ({ square, velocity, mean }) => [
    square,
    ...(velocity === null ? [] : [velocity]),
    ...(mean === null ? [] : [mean]),
  ],
  inPlace(backend, steps, controls) {
    present(backend.rmspropSteps).call(backend, steps, controls);
  },
  composed(step, controls) {
    const { parameter: p, settings } = step;
    const { square: q, velocity: b, mean: a } = step.moments;
    const { alpha, epsilon, momentum, weightDecay } = settings;
    const { learningRate } = controls;
    const decayed = withDecay(step, controls, weightDecay);
    const nextQ = add(mul(q, alpha), mul(mul(decayed, decayed), 1 - alpha));
    const nextA = a === null ? null : add(mul(a, alpha), mul(decayed, 1 - alpha));
    const variance = nextA === null ? nextQ : maximum(sub(nextQ, mul(nextA, nextA)), 0);
    const direction = div(decayed, add(sqrt(variance), epsilon));
    const nextB = b === null ? null : add(mul(b, momentum), direction);
    const next = sub(p, mul(nextB ?? direction, learningRate));
    return [next, nextQ, ...(nextB === null ? [] : [nextB]), ...(nextA === null ? [] : [nextA])];
  },
};

export const stepRules: { readonly [R in OptimiserRule]: StepRule<R> } = { adam, sgd, rmsprop };

function at<T>(list: readonly T[], index: number): T {
  return list[index] as T;
}

function atOrNull<T>(list: readonly T[] | null, index: number): T | null {
  return list === null ? null : (list[index] as T);
}

type Changed = Pick<CheckedStep<OptimiserRule>, 'parameter' | 'gradient'>;

/** The gradient times its factor. */
function scaled({ gradient }: Changed, { scale }: CheckedControls): Tensor {
  return scale === 1 ? gradient : mul(gradient, scale);
}

function withDecay(step: Changed, controls: CheckedControls, weightDecay: number): Tensor {
  const own = scaled(step, controls);
  return weightDecay === 0 ? own : add(own, mul(step.parameter, weightDecay));
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
