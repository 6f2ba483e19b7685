import { ArgumentError, Tensor } from '@tempograd/core';
import { formatShape, isFloat, sameShape, type Shape } from '@tempograd/core/backend';
import type { TensorSpec } from '../safetensors/index.js';

/** A parameter that a model has: its path, name by name, and its shape. */
interface Wanted {
  readonly path: string;
  readonly names: readonly string[];
  readonly shape: Shape;
}

/**
 * Looks whether parameters are those of a model, of which `parameters` gives paths and shapes. It is asked in each step, also of trees
 * that are new each time, and makes nothing where all is right.
 */
export function paramsCheck(
  parameters: () => Iterable<readonly [path: string, tensor: TensorSpec]>,
): (params: object) => void {
  let wanted: readonly Wanted[] | null = null;
  return (params) => {
    wanted ??= Array.from(parameters(), ([path, { shape }]) => ({ path, names: path.split('.'), shape }));
    for (const each of wanted) {
      const leaf = leafOf(params, each.names);
      if (leaf instanceof Tensor && isFloat(leaf.dtype) && sameShape(leaf.shape, each.shape)) continue;
      throw new ArgumentError(
        `sequenceModel: these are not the parameters of this model: "${each.path}" should be f32${formatShape(each.shape)}, but is ` +
          `${leaf instanceof Tensor ? `${leaf.dtype}${formatShape(leaf.shape)}` : 'missing'}. Make them with this model's init(), or load what was saved of it.`,
      );
    }
  };
}

/** What stands at a path in a tree; undefined for nothing. */
function leafOf(tree: unknown, names: readonly string[]): unknown {
  let node = tree;
  for (const name of names) {
    if (typeof node !== 'object' || node === null || node instanceof Tensor) return undefined;
    node = (node as Readonly<Record<string, unknown>>)[name];
  }
  return node;
}
