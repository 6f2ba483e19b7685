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
    eachBuffer(result, (buffer) => {
      if (buffer.owner === made) own(buffer, outer);
    });
    return result;
  } finally {
    innermost = outer;
    for (const tensor of made) if (tensor.owner === made) tensor.dispose();
  }
}

/** Registers a new tensor in the innermost scope, if there is one. */
export function track<T extends Tensor>(tensor: T): T {
  eachBuffer(tensor, (buffer) => own(buffer, innermost));
  return tensor;
}

function own(buffer: ArrayTensor, owner: Made | null): void {
  buffer.owner = owner;
  owner?.push(buffer);
}

/** A new tensor on the same buffer, registered in the innermost scope: what an op returns when it has nothing to change. */
export function alias(x: Tensor): Tensor {
  return track(share(x));
}

/** Takes the tensors of a tree out of every scope: they live until somebody disposes of them. Returns the tree. */
export function keep<T>(tree: T): T {
  refuseInStage('keep: a tensor was kept');
  eachBuffer(tree, (buffer) => own(buffer, null));
  return tree;
}

/** A tree of tensors on the same buffers, outside every scope, to be disposed of on its own: how to hold on to a borrowed tree. */
export function shareTree<T>(tree: T): T {
  refuseInStage('shareTree: a tensor was kept');
  return treeMap(tree, share);
}

/** Every buffer in a result: tensors, and arrays and plain objects of them; whatever else it holds is passed over. */
function eachBuffer(value: unknown, fn: (buffer: ArrayTensor) => void): void {
  if (value instanceof ArrayTensor) fn(value);
  else if (value instanceof TracedTensor) for (const part of value.parts()) eachBuffer(part, fn);
  else if (Array.isArray(value)) for (const child of value) eachBuffer(child, fn);
  else if (isPlainObject(value)) for (const key in value) eachBuffer(value[key], fn);
}
