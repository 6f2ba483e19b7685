import { fromArray, keep, treeEntries, type Backend, type Tensor } from '@tempograd/core';
import type { SafetensorsFile } from '../../safetensors/index.js';
import { CheckpointError } from './CheckpointError.js';

/** A tree of tensors as JSON: each tensor is the name it is stored by. */
export type TreeJson = string | null | readonly TreeJson[] | { readonly [key: string]: TreeJson };

/** Describes a tree, and puts its tensors under `name…` into `tensors`. */
export function describeTree(tree: unknown, name: string, tensors: Map<string, Tensor>): TreeJson {
  const named = new Map(treeEntries(tree).map(([path, leaf]) => [leaf, path === '' ? name : `${name}.${path}`]));
  for (const [leaf, stored] of named) tensors.set(stored, leaf);
  const visit = (node: unknown): TreeJson => {
    if (node === null || node === undefined) return null;
    const stored = named.get(node as Tensor);
    if (stored !== undefined) return stored;
    if (Array.isArray(node)) return node.map(visit);
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, visit(child)]));
  };
  return visit(tree);
}

/** The tree that was described, with tensors of its own, outside every scope. */
export function restoreTree(json: TreeJson, file: SafetensorsFile, backend: Backend): unknown {
  if (json === null) return null;
  if (typeof json === 'string') {
    const stored = file.tensors.get(json);
    if (stored === undefined) throw new CheckpointError(`The checkpoint lacks the tensor "${json}".`);
    return keep(fromArray(stored.data, stored.shape, { dtype: stored.dtype, backend }));
  }
  if (Array.isArray(json)) return json.map((child: TreeJson) => restoreTree(child, file, backend));
  return Object.fromEntries(Object.entries(json).map(([key, child]) => [key, restoreTree(child, file, backend)]));
}
