import {
  ArgumentError,
  optimiserSteps,
  treeEntries,
  treeLeaves,
  treeMap,
  zerosLike,
  type OptimiserRule,
  type RuleMoments,
  type RuleSettings,
  type StepsCall,
  type Tensor,
  type TensorLike,
} from '@tempograd/core';
import { checkOptions, optionTable, required, type OptionKinds } from '@tempograd/core/backend';
import { alignedLeaves, requireState, requireUntied } from './checkUpdate.js';
import type { Schedule } from './schedules.js';

/** What an optimiser remembers between steps; all of it, so that saving it and going on changes nothing. */
export interface OptimiserState<P> {
  /** Updates taken so far. */
  step: number;
  /** Running averages by name, each a tree like the parameters; owned by whoever called `init`, and changed in place. */
  readonly moments: Readonly<Record<string, P>>;
}

/** How to take one update. */
export interface UpdateOptions {
  /** Multiplies the gradient first: a clipping factor, or one over the number of losses. Default is 1. */
  readonly scale?: TensorLike | null;
  /** A scalar of the parameters' dtype; where it is not finite, parameters and moments stay as they are. Default is none. */
  readonly guard?: Tensor | null;
}

/** A rule that changes parameters by their gradient. It holds no state of its own: one can serve several models. */
export interface Optimiser {
  readonly name: string;
  /** The learning rate of update number `step`, counted from 0. */
  readonly learningRate: Schedule;
  /** The state before the first update. Its tensors belong to the caller's scope. */
  init<P>(params: P): OptimiserState<P>;
  /**
   * One update, in place: the tensors of `params` and `state` have new values afterwards. Take it outside the differentiated function.
   * It counts in `state.step` also where the guard holds it back.
   * Tensors that share storage (`shareTree`, `reshape`) are parameters of their own: they part at the first update.
   * @throws ArgumentError when the gradient or the state is not a tree like the parameters, or a tensor stands in two places of them;
   * ShapeError, DTypeError, BackendError, LifetimeError where tensors do not go with their parameter. Then nothing has changed.
   */
  update<P>(params: P, gradient: P, state: OptimiserState<P>, options?: UpdateOptions): void;
}

/** Settings that all optimisers share. */
export interface OptimiserOptions {
  /** Step size, or a schedule of it. */
  readonly learningRate: number | Schedule;
  /** Default is 0. */
  readonly weightDecay?: number;
  /** Which parameters decay; default is all. `matricesOnly` leaves biases and gains alone. */
  readonly decays?: (parameter: Tensor, path: string) => boolean;
}

/** Kinds of `OptimiserOptions`. */
export const optimiserKinds: OptionKinds<OptimiserOptions> = {
  learningRate: required('number or function'),
  weightDecay: 'number',
  decays: 'function',
};

const updateTable = optionTable<UpdateOptions>({ scale: 'number or tensor or null', guard: 'tensor or null' });

/** For `decays`: weights decay, biases and gains do not. */
export function matricesOnly(parameter: Tensor): boolean {
  return parameter.rank >= 2;
}

/** Whether an optimiser keeps each moment of its rule, in the order of their names. */
export type KeptMoments<R extends OptimiserRule> = { readonly [K in keyof RuleMoments<Tensor>[R]]: boolean };

/** An optimiser from a rule, the moments it keeps, and its settings for a weight decay. */
export function makeOptimiser<R extends OptimiserRule>(
  name: string,
  rule: R,
  options: OptimiserOptions,
  kept: KeptMoments<R>,
  settingsOf: (weightDecay: number) => RuleSettings[R],
): Optimiser {
  const { weightDecay = 0, decays } = options;
  requireNonNegative(name, 'weightDecay', weightDecay);
  const learningRate = scheduleOf(name, options.learningRate);
  const [decaying, still] = [settingsOf(weightDecay), settingsOf(0)];
  const update = `${name}().update`;
  const known = Object.keys(kept) as (keyof KeptMoments<R> & string)[];
  const momentNames = known.filter((moment) => kept[moment]);
  return {
    name,
    learningRate,
    init<P>(params: P) {
      requireUntied(name, params, treeLeaves(params));
      const moments = momentNames.map((moment): [string, P] => [moment, treeMap(params, zerosLike)]);
      return { step: 0, moments: Object.fromEntries(moments) };
    },
    update(params, gradient, state, updateOptions = {}) {
      checkOptions(update, updateOptions, updateTable);
      const { scale = null, guard = null } = updateOptions;
      requireState(name, momentNames, state);
      const parameters = treeLeaves(params);
      requireUntied(name, params, parameters);
      const gradients = alignedLeaves(name, 'gradient', params, parameters, gradient);
      const moments: Record<string, Tensor[] | null> = {};
      for (const moment of known) {
        const what = `state.moments.${moment}`;
        moments[moment] = kept[moment] ? alignedLeaves(name, what, params, parameters, state.moments[moment]) : null;
      }
      const rate = learningRate(state.step);
      requireNonNegative(name, `the learning rate of step ${state.step}`, rate);
      const step = state.step + 1;
      const settings =
        decays === undefined
          ? parameters.map(() => decaying)
          : treeEntries(params).map(([path, parameter]) => (decays(parameter, path) ? decaying : still));
      const steps = { parameters, gradients, moments: moments as unknown as StepsCall<R>['moments'], settings };
      optimiserSteps(rule, steps, { learningRate: rate, step, scale, guard }, name);
      state.step = step;
    },
  };
}

/** @throws ArgumentError unless the value is a finite number ≥ 0. */
export function requireNonNegative(name: string, what: string, value: number): void {
  if (typeof value !== 'number' || !(value >= 0) || !Number.isFinite(value))
    throw new ArgumentError(`${name}: ${what} must be a finite number ≥ 0, but is ${value}.`);
}

/** @throws ArgumentError unless the value lies in [0, 1). */
export function requireFraction(name: string, what: string, value: number): void {
  if (!(value >= 0 && value < 1)) throw new ArgumentError(`${name}: ${what} must lie in [0, 1), but is ${value}.`);
}

function scheduleOf(name: string, rate: number | Schedule): Schedule {
  if (typeof rate === 'function') return rate;
  requireNonNegative(name, 'learningRate', rate);
  return () => rate;
}
