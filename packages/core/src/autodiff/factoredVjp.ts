import { isFloat } from '../backend/index.js';
import { add, cast, concat, matmul, reshape, zeros } from '../tensor/ops/index.js';
import { alias, scope } from '../tensor/scope.js';
import { Tensor } from '../tensor/Tensor.js';
import { disposeTree, treeFill, treeLeaves, treeMap } from '../tensor/tree.js';
import { Tape, TapeTensor, type RowFactor } from './Tape.js';
import { withTraceLevel } from './traceLevels.js';

/** The gradient by one leaf: itself, or two rows whose outer product it is, up to a transpose; null where it is 0. */
export type FactoredGradient = Tensor | RowFactor | null;

/** A value, and the way back from it. */
export interface FactoredVjp<Y> {
  readonly value: Y;
  /**
   * Cotangents of the leaves of the value, null for zero, to gradients by the leaves of the weights and by the tree beside them, whose
   * leaves are null where nothing depends on them. Results belong to the caller's scope. May be called again.
   */
  pull(cotangents: readonly (Tensor | null)[]): {
    readonly weights: readonly FactoredGradient[];
    readonly rest: readonly (Tensor | null)[];
  };
  /** Frees what the forward pass kept. */
  dispose(): void;
}

/**
 * As `vjp`, where the gradient of a weight that one row of a batch is multiplied by once is not multiplied out: its norm is the
 * product of the norms of two rows. Fused ops of `fn` have no factors.
 */
export function factoredVjp<P, C, Y>(fn: (weights: P, rest: C) => Y, weights: P, rest: C): FactoredVjp<Y> {
  return withTraceLevel((level) => {
    const tape = new Tape(level);
    try {
      const watch = (leaf: Tensor): Tensor => (isFloat(leaf.dtype) ? tape.watch(leaf) : leaf);
      const [ofWeights, ofRest] = [treeLeaves(weights).map(watch), treeLeaves(rest).map(watch)];
      const slots: (number | null)[] = [];
      const value = scope(() =>
        treeMap(fn(treeFill(weights, ofWeights), treeFill(rest, ofRest)), (leaf) => {
          slots.push(tape.slotOf(leaf));
          return alias(tape.lower(leaf));
        }),
      );
      tape.stop();
      const watched = [...ofWeights, ...ofRest].filter((leaf) => leaf instanceof TapeTensor);
      const pull: FactoredVjp<Y>['pull'] = (cotangents) => {
        const seeds = cotangents.flatMap((leaf, index): [number, Tensor][] => {
          const slot = slots[index] ?? null;
          return leaf === null || slot === null ? [] : [[slot, leaf]];
        });
        const factors = new Map<number, RowFactor[]>();
        for (const leaf of ofWeights) {
          const slot = tape.slotOf(leaf);
          if (slot !== null && leaf.rank === 2) factors.set(slot, []);
        }
        try {
          return scope(() => {
            const dense = tape.pull(seeds, watched, [], factors);
            const gradients = new Map<Tensor, Tensor | null>(
              watched.map((leaf, index) => [leaf, dense[index] ?? null]),
            );
            const denseOf = (leaf: Tensor): Tensor | null => gradients.get(leaf) ?? null;
            return {
              weights: ofWeights.map((leaf) => together(denseOf(leaf), factors.get(tape.slotOf(leaf) ?? -1) ?? [])),
              rest: ofRest.map(denseOf),
            };
          });
        } finally {
          for (const list of factors.values()) for (const { row, cotangent } of list) disposeTree([row, cotangent]);
        }
      };
      return { value, pull, dispose: () => tape.dispose() };
    } catch (error) {
      tape.dispose();
      throw error;
    }
  });
}

/** One product stays as it is; several, or one beside another gradient, are added up. */
function together(dense: Tensor | null, factors: readonly RowFactor[]): FactoredGradient {
  const [first, ...more] = factors;
  if (first === undefined) return dense;
  if (dense === null && more.length === 0)
    return { ...first, row: alias(first.row), cotangent: alias(first.cotangent) };
  return [...(dense === null ? [] : [dense]), ...factors.map(productOf)].reduce((sum, product) => add(sum, product));
}

function productOf({ row, cotangent, transposed }: RowFactor): Tensor {
  return transposed ? matmul(cotangent, row, { transposeA: true }) : matmul(row, cotangent, { transposeA: true });
}

/** A gradient, multiplied out. */
export function gradientOf(gradient: FactoredGradient): Tensor | null {
  return gradient === null || gradient instanceof Tensor ? gradient : productOf(gradient);
}

/** Gradients by the leaves of `weights`, multiplied out, end to end: as many numbers as there are weights. */
export function vectorOf(gradients: readonly FactoredGradient[], weights: unknown): Tensor {
  const leaves = treeLeaves(weights);
  const { dtype = 'f32' } = leaves.find((leaf) => isFloat(leaf.dtype)) ?? {};
  return scope(() =>
    concat(
      gradients.map((gradient, index) => {
        const { size, backend } = leaves[index] as Tensor;
        if (gradient === null) return zeros([size], { dtype, backend });
        return cast(reshape(gradientOf(gradient) as Tensor, [size]), dtype);
      }),
    ),
  );
}
