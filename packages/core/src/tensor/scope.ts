import { refuseAsync } from './refuseAsync.js';
import { refuseInStage } from './stage.js';
import { ArrayTensor, share, Tensor, TracedTensor } from './Tensor.js';
import { isPlainObject, treeMap } from './tree.js';

/** What was made in one scope; a tensor that has passed on since has another owner. */
type Made = ArrayTensor[];

/** The innermost scope that is open now. */
let innermost: Made | null = null;

/**
 * Runs `fn` and disposes of every tensor made in it, except those in the tree it returns, which pass to the enclosing scope.
 * @throws ArgumentError when `fn` is async: what it makes after its first `await` could not be told from what others make.
 */
export function scope<R>(fn: () => R): R {
  const outer = innermost;
  const made: Made = [];
  innermost = made;
  try {
    const result = fn();
    if (!(result instanceof Tensor))
      refuseAsync('scope', result, 'Do the awaiting outside, and read values after the scope has returned them.');
    handOver(result, made, outer);
    return result;
  } finally {
    innermost = outer;
    for (const tensor of made) if (tensor.owner === made) tensor.dispose();
  }
}

/** Registers a new tensor in the innermost scope, if there is one. */
export function track<T extends Tensor>(tensor: T): T {
  handOver(tensor, null, innermost);
  return tensor;
}

/**
 * Hands every buffer in a result that `from` owns, or with null every one, to another owner: tensors, and arrays and plain objects of
 * them; whatever else it holds is passed over.
 */
function handOver(value: unknown, from: Made | null, to: Made | null): void {
  if (value instanceof ArrayTensor) {
    if (from !== null && value.owner !== from) return;
    value.owner = to;
    to?.push(value);
  } else if (value instanceof TracedTensor) for (const part of value.parts()) handOver(part, from, to);
  else if (Array.isArray(value)) for (const child of value) handOver(child, from, to);
  else if (isPlainObject(value)) for (const key in value) handOver(value[key], from, to);
}

/** A new tensor on the same buffer, registered in the innermost scope: what an op returns when it has nothing to change. */
export function alias(x: Tensor): Tensor {
  return track(share(x));
}

/** Takes the tensors of a tree out of every scope: they live until somebody disposes of them. Returns the tree. */
export function keep<T>(tree: T): T {
  refuseInStage('keep: a tensor was kept');
  handOver(tree, null, null);
  return tree;
}

/** A tree of tensors on the same buffers, outside every scope, to be disposed of on its own: how to hold on to a borrowed tree. */
export function shareTree<T>(tree: T): T {
  refuseInStage('shareTree: a tensor was kept');
  return treeMap(tree, share);
}
