import {
  ArgumentError,
  treeEntries,
  treeLeaves,
  treeMap,
  treeZip,
  zerosLike,
  type OptimiserControls,
  type Tensor,
  type TensorLike,
} from '@tempograd/core';
import { checkOptions, formatShape, optionTable, required, sameShape, type OptionKinds } from '@tempograd/core/backend';
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
   * @throws ArgumentError when the gradient or the state is not a tree like the parameters, or a tensor stands in two places of them.
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

/** What a rule does to one parameter, with settings of its own; `moments` are in the order of their names. */
export type ParameterStep<S> = (
  parameter: Tensor,
  gradient: Tensor,
  moments: readonly Tensor[],
  controls: OptimiserControls,
  settings: S,
) => void;

/** An optimiser from the names of its moments, the rule's settings for a weight decay, and its rule for one parameter. */
export function makeOptimiser<S>(
  name: string,
  options: OptimiserOptions,
  momentNames: readonly string[],
  settingsOf: (weightDecay: number) => S,
  stepOne: ParameterStep<S>,
): Optimiser {
  const { weightDecay = 0, decays = () => true } = options;
  requireNonNegative(name, 'weightDecay', weightDecay);
  const learningRate = scheduleOf(name, options.learningRate);
  const [decaying, still] = [settingsOf(weightDecay), settingsOf(0)];
  const update = `${name}().update`;
  const trees = momentNames.map((moment) => `state.moments.${moment}`);
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
      const parameters = treeLeaves(params);
      requireUntied(name, params, parameters);
      const gradients = alignedLeaves(name, 'gradient', params, gradient);
      const moments = momentNames.map((moment, which) =>
        alignedLeaves(name, trees[which] as string, params, state.moments[moment]),
      );
      const rate = learningRate(state.step);
      requireNonNegative(name, `the learning rate of step ${state.step}`, rate);
      const step = state.step + 1;
      const controls = { learningRate: rate, step, scale, guard };
      const paths = options.decays === undefined ? null : treeEntries(params);
      parameters.forEach((parameter, index) => {
        const settings = paths === null || decays(parameter, paths[index]?.[0] ?? '') ? decaying : still;
        const own = moments.map((leaves) => leaves[index] as Tensor);
        stepOne(parameter, gradients[index] as Tensor, own, controls, settings);
      });
      state.step = step;
    },
  };
}

/** @throws ArgumentError unless the value is a finite number ≥ 0. */
export function requireNonNegative(name: string, what: string, value: number): void {
  if (!(value >= 0) || !Number.isFinite(value))
    throw new ArgumentError(`${name}: ${what} must be a finite number ≥ 0, but is ${value}.`);
}

/** @throws ArgumentError unless the value lies in [0, 1). */
export function requireFraction(name: string, what: string, value: number): void {
  if (!(value >= 0 && value < 1)) throw new ArgumentError(`${name}: ${what} must lie in [0, 1), but is ${value}.`);
}

/** @throws ArgumentError where one tensor stands in two places: each place has a share of the gradient, and would be stepped by it alone. */
function requireUntied(name: string, params: unknown, leaves: readonly Tensor[]): void {
  if (new Set(leaves).size === leaves.length) return;
  const second = leaves.findIndex((leaf, index) => leaves.indexOf(leaf) !== index);
  const entries = treeEntries(params);
  const [path, leaf] = entries[second] as [string, Tensor];
  const [firstPath] = entries.find(([, other]) => other === leaf) as [string, Tensor];
  throw new ArgumentError(
    `${name}: one tensor stands in two places of the parameters, "${firstPath}" and "${path}", so that its gradient falls in two parts. ` +
      'To tie weights, keep the tensor in one place of the tree and use it twice in the model, whose gradient then adds up.',
  );
}

function scheduleOf(name: string, rate: number | Schedule): Schedule {
  if (typeof rate === 'function') return rate;
  requireNonNegative(name, 'learningRate', rate);
  return () => rate;
}

function alignedLeaves<P>(name: string, what: string, params: P, tree: P | undefined): Tensor[] {
  const leaves: Tensor[] = [];
  try {
    treeZip(params, tree as P, (parameter, leaf) => {
      if (!sameShape(parameter.shape, leaf.shape)) {
        throw new ArgumentError(
          `One has ${formatShape(parameter.shape)} where the other has ${formatShape(leaf.shape)}.`,
        );
      }
      leaves.push(leaf);
      return leaf;
    });
  } catch (error) {
    throw new ArgumentError(
      `${name}: ${what} must be a tree like the parameters. ${(error as Error).message} ` +
        'Make the state with init(params) of the same optimiser.',
    );
  }
  return leaves;
}
