import { ArgumentError } from '../backend/index.js';
import { Tensor } from './Tensor.js';

/**
 * Parameters, carries and batches are trees: a tensor, or arrays and plain objects of trees; `null` and `undefined` stand
 * for "nothing here". Types are left to the caller, so that interfaces fit as well as literals.
 */

/** All tensors of a tree, in the order of keys and indices. */
export function treeLeaves(tree: unknown): Tensor[] {
  const leaves: Tensor[] = [];
  visit(tree, (leaf) => {
    leaves.push(leaf);
    return leaf;
  });
  return leaves;
}

/** All tensors with their paths, `encoder.weight_ih_l0`, `carry.0`; the path of a lone tensor is `''`. */
export function treeEntries(tree: unknown): [path: string, leaf: Tensor][] {
  const entries: [string, Tensor][] = [];
  const walk = (value: unknown, path: string): void => {
    if (value instanceof Tensor) entries.push([path, value]);
    else for (const key of keysOf(value, path)) walk((value as Record<string, unknown>)[key], join(path, key));
  };
  walk(tree, '');
  return entries;
}

/** The same tree with each tensor replaced by `fn(tensor)`. */
export function treeMap<T>(tree: T, fn: (leaf: Tensor) => Tensor): T {
  return visit(tree, fn) as T;
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
export function treeZip<T>(a: T, b: T, fn: (a: Tensor, b: Tensor) => Tensor): T {
  return zip(a, b, '', fn) as T;
}

function zip(a: unknown, b: unknown, path: string, fn: (a: Tensor, b: Tensor) => Tensor): unknown {
  if (a instanceof Tensor && b instanceof Tensor) return fn(a, b);
  const [keysA, keysB] = [keysOf(a, path), keysOf(b, path)];
  const alike = a instanceof Tensor === b instanceof Tensor && keysA.length === keysB.length;
  if (!alike || keysA.some((key, index) => key !== keysB[index])) {
    const name = (value: unknown, keys: readonly string[]): string =>
      value instanceof Tensor ? 'a tensor' : `{ ${keys.join(', ')} }`;
    throw new ArgumentError(
      `Two trees differ in structure ${path === '' ? 'at the top' : `at "${path}"`}: one has ${name(a, keysA)}, the other ${name(b, keysB)}.`,
    );
  }
  if (a === null || a === undefined) return a;
  const child = (key: string): unknown =>
    zip((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], join(path, key), fn);
  const children = Object.keys(a).map((key): [string, unknown] => [key, keysA.includes(key) ? child(key) : null]);
  return Array.isArray(a) ? children.map(([, value]) => value) : Object.fromEntries(children);
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

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** Keys of a tree's children that hold something; none for a tensor or for nothing. */
function keysOf(tree: unknown, path: string): string[] {
  if (tree === null || tree === undefined || tree instanceof Tensor) return [];
  if (!Array.isArray(tree) && !isPlainObject(tree)) throw foreignError(tree, path);
  const children = tree as Record<string, unknown>;
  return Object.keys(tree).filter((key) => children[key] !== null && children[key] !== undefined);
}

function visit(tree: unknown, fn: (leaf: Tensor) => unknown): unknown {
  if (tree instanceof Tensor) return fn(tree);
  if (tree === null || tree === undefined) return tree;
  if (Array.isArray(tree)) return tree.map((child: unknown) => visit(child, fn));
  if (!isPlainObject(tree)) throw foreignError(tree, null);
  const mapped: Record<string, unknown> = {};
  for (const key of Object.keys(tree)) mapped[key] = visit(tree[key], fn);
  return mapped;
}

function foreignError(found: unknown, path: string | null): ArgumentError {
  const what = typeof found === 'object' && found !== null ? `a ${found.constructor.name}` : `a ${typeof found}`;
  return new ArgumentError(
    `A tree of tensors holds ${what}${path === null ? '' : ` at "${path}"`}; only tensors, arrays, plain objects, null and ` +
      'undefined may be in it. Make numbers tensors with scalar().',
  );
}
