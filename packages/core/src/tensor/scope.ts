import { ArgumentError } from '../backend/index.js';
import { ArrayTensor, share, TracedTensor, type Tensor } from './Tensor.js';
import { treeLeaves, treeMap } from './tree.js';

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
      throw new ArgumentError('scope: the function is async. Do the awaiting outside, and read values after the scope has returned them.');
    }
    kept = new Set(isResult(result) ? buffersOf(result) : []);
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

function buffersOf(tree: unknown): ArrayTensor[] {
  const buffers: ArrayTensor[] = [];
  const add = (tensor: Tensor): void => {
    if (tensor instanceof ArrayTensor) buffers.push(tensor);
    else if (tensor instanceof TracedTensor) tensor.parts().forEach(add);
  };
  treeLeaves(tree).forEach(add);
  return buffers;
}

/** Numbers, strings and the like may be returned from a scope; only objects can hold tensors. */
function isResult(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
