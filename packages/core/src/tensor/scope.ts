import { ArgumentError } from '../backend/index.js';
import { ArrayTensor, share, TracedTensor, type Tensor } from './Tensor.js';
import { isPlainObject, treeMap } from './tree.js';

/** The scopes that are open now, innermost last; each holds the tensors made in it. */
const scopes: Set<ArrayTensor>[] = [];

/**
 * Runs `fn` and disposes of every tensor made in it, except those in the tree it returns, which pass to the enclosing scope.
 * @throws ArgumentError when `fn` is async: what it makes after its first `await` could not be told from what others make.
 */
export function scope<R>(fn: () => R): R {
  const made = new Set<ArrayTensor>();
  scopes.push(made);
  let kept: Set<ArrayTensor> | undefined;
  try {
    const result = fn();
    if (result instanceof Promise) {
      throw new ArgumentError(
        'scope: the function is async. Do the awaiting outside, and read values after the scope has returned them.',
      );
    }
    kept = new Set(buffersOf(result));
    return result;
  } finally {
    scopes.pop();
    const outer = scopes.at(-1);
    for (const tensor of made) {
      if (kept?.has(tensor)) outer?.add(tensor);
      else tensor.dispose();
    }
  }
}

/** Registers a new tensor in the innermost scope, if there is one. */
export function track<T extends Tensor>(tensor: T): T {
  const innermost = scopes.at(-1);
  if (innermost !== undefined) for (const buffer of buffersOf(tensor)) innermost.add(buffer);
  return tensor;
}

/** A new tensor on the same buffer, registered in the innermost scope: what an op returns when it has nothing to change. */
export function alias(x: Tensor): Tensor {
  return track(share(x));
}

/** Takes the tensors of a tree out of every scope: they live until somebody disposes of them. Returns the tree. */
export function keep<T>(tree: T): T {
  for (const buffer of buffersOf(tree)) for (const made of scopes) made.delete(buffer);
  return tree;
}

/** A tree of tensors on the same buffers, outside every scope, to be disposed of on its own: how to hold on to a borrowed tree. */
export function shareTree<T>(tree: T): T {
  return treeMap(tree, share);
}

/** Every buffer in a result: tensors, and arrays and plain objects of them; whatever else it holds is passed over. */
function buffersOf(result: unknown): ArrayTensor[] {
  const buffers: ArrayTensor[] = [];
  const visit = (value: unknown): void => {
    if (value instanceof ArrayTensor) buffers.push(value);
    else if (value instanceof TracedTensor) value.parts().forEach(visit);
    else if (Array.isArray(value)) value.forEach(visit);
    else if (isPlainObject(value)) Object.values(value).forEach(visit);
  };
  visit(result);
  return buffers;
}
