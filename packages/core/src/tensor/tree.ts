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
  if (!alike(a, b)) throw differenceOf(a, b, '');
  return zip(a, b, fn) as T;
}

/** Whether two trees have the same structure: tensors under the same keys, in the same order. */
function alike(a: unknown, b: unknown): boolean {
  if (a instanceof Tensor || b instanceof Tensor) return a instanceof Tensor && b instanceof Tensor;
  if (!isBranch(a) || !isBranch(b)) return false;
  const [keysA, keysB] = [heldKeys(a), heldKeys(b)];
  if (keysA.length !== keysB.length) return false;
  for (let i = 0; i < keysA.length; i++) {
    const key = keysA[i] as string;
    if (key !== keysB[i] || !alike((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
      return false;
  }
  return true;
}

/** The first difference of two trees that are not alike, as an error. */
function differenceOf(a: unknown, b: unknown, path: string): ArgumentError {
  const [keysA, keysB] = [keysOf(a, path), keysOf(b, path)];
  const inside = keysA.find((key, index) => key === keysB[index] && !alike(childOf(a, key), childOf(b, key)));
  const sameHere = a instanceof Tensor === b instanceof Tensor && keysA.join() === keysB.join();
  if (sameHere && inside !== undefined) return differenceOf(childOf(a, inside), childOf(b, inside), join(path, inside));
  const name = (value: unknown, keys: readonly string[]): string =>
    value instanceof Tensor ? 'a tensor' : `{ ${keys.join(', ')} }`;
  return new ArgumentError(
    `Two trees differ in structure ${path === '' ? 'at the top' : `at "${path}"`}: one has ${name(a, keysA)}, the other ${name(b, keysB)}.`,
  );
}

/** `treeZip` of trees that are known to be alike. */
function zip(a: unknown, b: unknown, fn: (a: Tensor, b: Tensor) => Tensor): unknown {
  if (a instanceof Tensor) return fn(a, b as Tensor);
  if (a === null || a === undefined) return a;
  if (Array.isArray(a)) return a.map((child: unknown, index) => zip(child, childOf(b, String(index)), fn));
  const zipped: Record<string, unknown> = {};
  for (const key of Object.keys(a)) zipped[key] = zip(childOf(a, key), childOf(b, key), fn);
  return zipped;
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

/** What may be in a tree and is not a tensor. */
function isBranch(value: unknown): value is object | null | undefined {
  return value === null || value === undefined || Array.isArray(value) || isPlainObject(value);
}

/** Keys of a tree's children that hold something; none for a tensor or for nothing. */
function keysOf(tree: unknown, path: string): string[] {
  if (tree instanceof Tensor) return [];
  if (!isBranch(tree)) throw foreignError(tree, path);
  return heldKeys(tree);
}

function heldKeys(tree: object | null | undefined): string[] {
  if (tree === null || tree === undefined) return [];
  const holds = (key: string): boolean => childOf(tree, key) !== null && childOf(tree, key) !== undefined;
  const keys = Object.keys(tree);
  return keys.every(holds) ? keys : keys.filter(holds);
}

function childOf(tree: unknown, key: string): unknown {
  return (tree as Record<string, unknown> | null | undefined)?.[key];
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
