import { ArgumentError } from '../backend/index.js';
import { Tensor } from './Tensor.js';

/**
 * Parameters, carries and batches are trees: a tensor, or arrays and plain objects of trees; `null` and `undefined` stand
 * for "nothing here". Types are left to the caller, so that interfaces fit as well as literals.
 */

/** All tensors of a tree, in the order of keys and indices. */
export function treeLeaves(tree: unknown): Tensor[] {
  return treeEntries(tree).map(([, leaf]) => leaf);
}

/** All tensors with their paths, `encoder.weight_ih_l0`, `carry.0`; the path of a lone tensor is `''`. */
export function treeEntries(tree: unknown): [path: string, leaf: Tensor][] {
  const entries: [string, Tensor][] = [];
  visit(tree, '', (path, leaf) => {
    entries.push([path, leaf]);
    return leaf;
  });
  return entries;
}

/** The same tree with each tensor replaced by `fn(tensor, path)`. */
export function treeMap<T>(tree: T, fn: (leaf: Tensor, path: string) => Tensor): T {
  return visit(tree, '', (path, leaf) => fn(leaf, path)) as T;
}

/** The tree `structure` with its tensors replaced by `leaves`, in the order of `treeLeaves`. */
export function treeFill<T>(structure: T, leaves: readonly Tensor[]): T {
  let next = 0;
  const filled = treeMap(structure, () => leaves[next++] as Tensor);
  if (next !== leaves.length) {
    throw new ArgumentError(`treeFill: the tree has ${next} tensors, but ${leaves.length} were given.`);
  }
  return filled;
}

/** `fn` applied to the tensors at equal places of two trees of equal structure. */
export function treeZip<T>(a: T, b: T, fn: (a: Tensor, b: Tensor, path: string) => Tensor): T {
  const other = treeEntries(b);
  let next = 0;
  const result = treeMap(a, (leaf, path) => {
    const entry = other[next++];
    if (entry === undefined || entry[0] !== path) {
      throw new ArgumentError(
        `Two trees differ in structure: one has "${path}" where the other has "${entry?.[0] ?? 'nothing'}".`,
      );
    }
    return fn(leaf, entry[1], path);
  });
  if (next !== other.length) {
    throw new ArgumentError(`Two trees differ in structure: "${other[next]?.[0]}" is in one of them only.`);
  }
  return result;
}

/** Disposes of every tensor of a tree. */
export function disposeTree(tree: unknown): void {
  for (const leaf of treeLeaves(tree)) leaf.dispose();
}

/** Whether a value is an object literal, as opposed to an instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function visit(tree: unknown, path: string, fn: (path: string, leaf: Tensor) => unknown): unknown {
  if (tree instanceof Tensor) return fn(path, tree);
  if (tree === null || tree === undefined) return tree;
  const at = (key: string | number): string => (path === '' ? String(key) : `${path}.${key}`);
  if (Array.isArray(tree)) return tree.map((child: unknown, index) => visit(child, at(index), fn));
  if (isPlainObject(tree)) {
    return Object.fromEntries(Object.entries(tree).map(([key, child]) => [key, visit(child, at(key), fn)]));
  }
  const found = typeof tree === 'object' ? `a ${tree.constructor.name}` : `a ${typeof tree}`;
  throw new ArgumentError(
    `A tree of tensors holds ${found} ` +
      `at "${path}"; only tensors, arrays, plain objects, null and undefined may be in it. Make numbers tensors with scalar().`,
  );
}
