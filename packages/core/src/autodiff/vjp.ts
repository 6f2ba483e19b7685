import { ArgumentError, formatShape, isFloat, sameShape } from '../backend/index.js';
import { zerosLike } from '../tensor/ops/index.js';
import { alias, scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { treeFill, treeLeaves, treeMap } from '../tensor/tree.js';
import { Tape, type TapeTensor } from './Tape.js';
import { withTraceLevel } from './traceLevels.js';

/** Pulls a cotangent of the value back to a gradient of the argument, as often as wanted. Gradients belong to the caller's scope. */
export interface Pullback<X, Y> {
  /** `null` leaves in the cotangent stand for zero. */
  (cotangent: Y): X;
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
      return { value, pullback: makePullback(tape, x, watched, value, slots) };
    } catch (error) {
      tape.dispose();
      throw error;
    }
  });
}

function makePullback<X, Y>(
  tape: Tape,
  x: X,
  watched: readonly (TapeTensor | null)[],
  value: Y,
  slots: readonly (number | null)[],
): Pullback<X, Y> {
  const outputs = treeLeaves(value).map(({ shape, dtype }) => ({ shape, dtype }));
  const leaves = treeLeaves(x);
  const inputs = watched.filter((leaf) => leaf !== null);
  const pull = (cotangent: Y): X => {
    const given = alignCotangents(value, cotangent);
    const seeds = given.flatMap((leaf, index): [number, Tensor][] => {
      const slot = slots[index];
      const output = outputs[index];
      if (leaf === null || output === undefined) return [];
      if (!sameShape(leaf.shape, output.shape)) {
        throw new ArgumentError(
          `pullback: a cotangent has shape ${formatShape(leaf.shape)}, but the value it belongs to has ${formatShape(output.shape)}.`,
        );
      }
      return slot === null || slot === undefined ? [] : [[slot, leaf]];
    });
    return scope(() => {
      const gradients = tape.pull(seeds, inputs);
      let next = 0;
      return treeFill(
        x,
        leaves.map((leaf, index) => (watched[index] === null ? null : gradients[next++]) ?? zerosLike(leaf)),
      );
    });
  };
  const dispose = (): void => tape.dispose();
  return Object.assign(pull, { dispose, [Symbol.dispose]: dispose });
}

/** The cotangent's leaves in the order of the value's leaves, null where the cotangent has none. */
function alignCotangents(value: unknown, cotangent: unknown): (Tensor | null)[] {
  const aligned: (Tensor | null)[] = [];
  const walk = (v: unknown, c: unknown): void => {
    if (v === null || v === undefined) return;
    const leaves = treeLeaves(v);
    if (c === null || c === undefined) {
      aligned.push(...leaves.map(() => null));
    } else if (leaves.length === 1 && leaves[0] === v) {
      aligned.push(treeLeaves(c)[0] ?? null);
    } else {
      for (const key of Object.keys(v)) walk((v as Record<string, unknown>)[key], (c as Record<string, unknown>)[key]);
    }
  };
  walk(value, cotangent);
  return aligned;
}
