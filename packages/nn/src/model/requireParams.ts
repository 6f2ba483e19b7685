import { ArgumentError, Tensor, treeEntries } from '@tempograd/core';
import { formatShape, isFloat, sameShape } from '@tempograd/core/backend';
import type { TensorSpec } from '../safetensors/index.js';

/** Looks whether parameters are those of a model, of which `parameters` gives paths and shapes; what was found right once is not looked at again. */
export function paramsCheck(
  parameters: () => Iterable<readonly [path: string, tensor: TensorSpec]>,
): (params: object) => void {
  const right = new WeakSet<object>();
  let wanted: readonly (readonly [path: string, tensor: TensorSpec])[] | null = null;
  return (params) => {
    if (typeof params === 'object' && params !== null && right.has(params)) return;
    wanted ??= [...parameters()];
    const isTree = typeof params === 'object' && params !== null && !(params instanceof Tensor);
    const given = new Map(isTree ? treeEntries(params) : []);
    for (const [path, { shape }] of wanted) {
      const leaf = given.get(path);
      if (leaf !== undefined && isFloat(leaf.dtype) && sameShape(leaf.shape, shape)) continue;
      throw new ArgumentError(
        `sequenceModel: these are not the parameters of this model: "${path}" should be f32${formatShape(shape)}, but is ` +
          `${leaf === undefined ? 'missing' : `${leaf.dtype}${formatShape(leaf.shape)}`}. Make them with this model's init(), or load what was saved of it.`,
      );
    }
    right.add(params);
  };
}
