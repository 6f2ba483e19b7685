import { isFloat } from '../backend/index.js';
import { zerosLike } from '../tensor/ops/index.js';
import { requireFunction } from '../tensor/requireFunction.js';
import { alias, scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { alignLeaves, treeFill, treeLeaves, treeMap, type Likeness } from '../tensor/tree.js';
import { requireLike, type Kind } from './requireLike.js';
import { Tape, type TapeTensor } from './Tape.js';
import { withTraceLevel } from './traceLevels.js';

/** Pulls a cotangent of the value back to a gradient of the argument, as often as wanted. Gradients belong to the caller's scope. */
export interface Pullback<X, Y> {
  /**
   * The cotangent is a tree like the value; null in the place of a tensor or a tree stands for zero.
   * @throws ArgumentError, ShapeError, DTypeError, BackendError naming the path where it is not like the value.
   */
  (cotangent: Y): X;
  /**
   * As the call, added to gradients so far, a tree like the argument with null for none. They are taken over: disposed of, and where
   * nobody else holds them added to in place. Each use of an input adds to it in turn, from the last to the first, so that the
   * parts of a sequence, pulled back from the last to the first, give the same bits as one pass through all of them.
   * @throws as the call, also where a gradient so far is not like the argument; nothing is taken over then.
   */
  accumulate(cotangent: Y, soFar: X): X;
  /** Frees what the forward pass kept; the pullback cannot be called afterwards. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** A value and the way back from it. */
export interface Vjp<X, Y> {
  readonly value: Y;
  readonly pullback: Pullback<X, Y>;
}

/**
 * Reverse-mode differentiation of `fn` at the tree `x`: its value, and the function that takes a cotangent (a tree like the
 * value) to `cotangent · ∂fn/∂x` (a tree like `x`). Nests: `fn` and the pullback may themselves be differentiated.
 * Leaves of `x` that are not floating-point get zeros. The pullback holds memory until its `dispose()`.
 */
export function vjp<X, Y>(fn: (x: X) => Y, x: X): Vjp<X, Y> {
  requireFunction('vjp', fn);
  return withTraceLevel((level) => {
    const tape = new Tape(level);
    try {
      const leaves = treeLeaves(x);
      const watched = leaves.map((leaf) => (isFloat(leaf.dtype) ? tape.watch(leaf) : null));
      const argument = treeFill(
        x,
        leaves.map((leaf, index) => watched[index] ?? leaf),
      );
      const slots: (number | null)[] = [];
      const value = scope(() => {
        const result = fn(argument);
        return treeMap(result, (leaf) => {
          slots.push(tape.slotOf(leaf));
          return alias(tape.lower(leaf));
        });
      });
      tape.stop();
      return { value, pullback: makePullback(tape, x, leaves, watched, value, slots) };
    } catch (error) {
      tape.dispose();
      throw error;
    }
  });
}

function makePullback<X, Y>(
  tape: Tape,
  x: X,
  leaves: readonly Tensor[],
  watched: readonly (TapeTensor | null)[],
  value: Y,
  slots: readonly (number | null)[],
): Pullback<X, Y> {
  const outputs = treeLeaves(value).map(({ shape, dtype, backend }) => ({ shape, dtype, backend }));
  const inputs = watched.filter((leaf) => leaf !== null);
  const accumulate = (cotangent: Y, soFar: X | null): X => {
    const before = soFar === null ? [] : alignLeaves(x, soFar, likeArgument);
    before.forEach((leaf, index) => {
      if (leaf !== null) requireLike('pullback: the gradient so far', x, index, leaf, leaves[index] as Tensor);
    });
    const seeds: [number, Tensor][] = [];
    alignLeaves(value, cotangent, likeValue).forEach((leaf, index) => {
      if (leaf === null) return;
      requireLike('pullback: the cotangent', value, index, leaf, outputs[index] as Kind);
      const slot = slots[index] ?? null;
      if (slot !== null) seeds.push([slot, leaf]);
    });
    return scope(() => {
      const gradients = tape.pull(
        seeds,
        inputs,
        before.filter((_, index) => watched[index] !== null),
      );
      let next = 0;
      return treeFill(
        x,
        leaves.map((leaf, index) => {
          const gradient = watched[index] === null ? takenOver(before[index] ?? null) : gradients[next++];
          return gradient ?? zerosLike(leaf);
        }),
      );
    });
  };
  const dispose = (): void => tape.dispose();
  const pull = (cotangent: Y): X => accumulate(cotangent, null);
  return Object.assign(pull, { accumulate, dispose, [Symbol.dispose]: dispose });
}

/** What is left of a gradient so far that nothing is added to. */
function takenOver(before: Tensor | null): Tensor | null {
  if (before === null) return null;
  const taken = alias(before);
  before.dispose();
  return taken;
}

const likeValue: Likeness = {
  what: 'pullback: the cotangent is not a tree like the value',
  names: ['the value', 'the cotangent'],
  gaps: true,
};

const likeArgument: Likeness = {
  what: 'pullback: the gradients so far are not a tree like the argument',
  names: ['the argument', 'the gradients'],
  gaps: true,
};
