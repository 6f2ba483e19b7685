import { ArgumentError, isFloat, makeTypedArray, type Shape } from '../backend/index.js';
import { jvp, vjp } from '../autodiff/index.js';
import { cast, fromArray, reshape, sliceAxis, transpose, zeros } from '../tensor/ops/index.js';
import { requireFunction } from '../tensor/requireFunction.js';
import { scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { mapLeaves, treeFill, treeLeaves, treeMap } from '../tensor/tree.js';
import { vmap } from './vmap.js';

/**
 * Derivatives of the tree `Y` by the tree `X`: in the place of each tensor of Y a tree like X of blocks
 * `[…shape in Y, …shape in X]`, which have the dtype of the tensor in X.
 */
export type Jacobian<Y, X> = Y extends Tensor
  ? X
  : Y extends null | undefined
    ? Y
    : { [K in keyof Y]: Jacobian<Y[K], X> };

/**
 * The function that computes the Jacobian of `fn` at the tree `x`: one forward pass, and one backward pass for all elements of
 * the value at once. For functions with about as many results as arguments, or fewer; else `jacobianForward` works less.
 * Further arguments pass through. Nests with itself and with `vmap`, `vjp` and `jvp`. Blocks belong to the caller's scope.
 */
export function jacobian<X, Y, R extends readonly unknown[]>(
  fn: (x: X, ...rest: R) => Y,
): (x: X, ...rest: R) => Jacobian<Y, X> {
  requireFunction('jacobian', fn);
  return (x, ...rest) =>
    scope(() => {
      const { value, pullback } = vjp((argument: X) => fn(argument, ...rest), x);
      try {
        return blocksOf(value, pullUnits(pullback, value));
      } finally {
        pullback.dispose();
      }
    });
}

/** As `jacobian`, by one forward pass that moves all elements of `x` at once: for functions with fewer arguments than results. */
export function jacobianForward<X, Y, R extends readonly unknown[]>(
  fn: (x: X, ...rest: R) => Y,
): (x: X, ...rest: R) => Jacobian<Y, X> {
  requireFunction('jacobianForward', fn);
  return (x, ...rest) =>
    scope(() => {
      const directions = unitVectors('argument', x);
      const along = (units: Tensor[]): Y =>
        jvp((argument: X) => fn(argument, ...rest), x, fillMoving(x, units)).tangent;
      const places = placesOf(x);
      const tangents = vmap(along)(directions);
      return mapLeaves(tangents, (tangent) => {
        const [, ...shape] = tangent.shape;
        const last = [...shape.map((_, axis) => axis + 1), 0];
        let next = 0;
        return treeMap(x, (leaf) => {
          const { begin, end } = places[next++] as Place;
          const block = [...shape, ...leaf.shape];
          if (!isFloat(tangent.dtype) || !isFloat(leaf.dtype)) return zerosFor(leaf, block);
          return cast(reshape(transpose(sliceAxis(tangent, begin, end), last), block), leaf.dtype);
        });
      }) as Jacobian<Y, X>;
    });
}

/** The gradients of all elements of the tree `value`, one after the other: a tree like X with one more axis in front. */
export function pullUnits<X, Y>(pullback: (cotangent: Y) => X, value: Y): X {
  return vmap((units: Tensor[]) => pullback(fillMoving(value, units)))(unitVectors('value', value));
}

/** The gradients of all elements of `value`, as `pullUnits` gives them, as blocks. */
export function blocksOf<X, Y>(value: Y, gradients: X): Jacobian<Y, X> {
  const places = placesOf(value);
  let next = 0;
  return mapLeaves(value, (leaf) => {
    const { begin, end } = places[next++] as Place;
    return treeMap(gradients, (gradient) => {
      const block = [...leaf.shape, ...gradient.shape.slice(1)];
      return isFloat(leaf.dtype) ? reshape(sliceAxis(gradient, begin, end), block) : zerosFor(gradient, block);
    });
  }) as Jacobian<Y, X>;
}

/** Where the elements of a leaf stand among all elements of a tree that can move. */
interface Place {
  readonly begin: number;
  readonly end: number;
}

function placesOf(tree: unknown): Place[] {
  let end = 0;
  return treeLeaves(tree).map((leaf) => {
    const begin = end;
    if (isFloat(leaf.dtype)) end += leaf.size;
    return { begin, end };
  });
}

/** For each floating-point leaf of a tree, its share in the unit vectors of all of them, `[count, …shape]`. */
function unitVectors(what: 'argument' | 'value', tree: unknown): Tensor[] {
  const leaves = treeLeaves(tree);
  if (!leaves.some(({ dtype }) => isFloat(dtype))) {
    throw new ArgumentError(
      `jacobian: the function's ${what} has no floating-point tensor, so there is nothing to differentiate${what === 'value' ? '' : ' by'}.`,
    );
  }
  const places = placesOf(tree);
  const count = places.at(-1)?.end ?? 0;
  return leaves.flatMap(({ shape, size, dtype, backend }, index) => {
    if (!isFloat(dtype)) return [];
    const { begin } = places[index] as Place;
    const units = makeTypedArray(dtype, count * size);
    for (let element = 0; element < size; element++) units[(begin + element) * size + element] = 1;
    return [fromArray(units, [count, ...shape], { dtype, backend })];
  });
}

/** The tree with its floating-point leaves replaced; the others, which cannot move, stand for themselves. */
function fillMoving<T>(tree: T, moving: readonly Tensor[]): T {
  let next = 0;
  return treeFill(
    tree,
    treeLeaves(tree).map((leaf) => (isFloat(leaf.dtype) ? (moving[next++] as Tensor) : leaf)),
  );
}

function zerosFor({ dtype, backend }: Tensor, shape: Shape): Tensor {
  return zeros(shape, { dtype, backend });
}
