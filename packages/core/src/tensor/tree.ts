import { ArgumentError } from '../backend/index.js';
import { Tensor } from './Tensor.js';

/**
 * Parameters, carries and batches are trees: a tensor, or arrays and plain objects of trees; `null` and `undefined` stand
 * for "nothing here". Types are left to the caller, so that interfaces fit as well as literals.
 */

/** All tensors of a tree, in the order of keys and indices. */
export function treeLeaves(tree: unknown): Tensor[] {
  const leaves: Tensor[] = [];
  collect(tree, leaves);
  return leaves;
}

function collect(tree: unknown, into: Tensor[]): void {
  if (tree instanceof Tensor) into.push(tree);
  else if (Array.isArray(tree)) for (const child of tree) collect(child, into);
  else if (isPlainObject(tree)) for (const key in tree) collect(tree[key], into);
  else if (tree !== null && tree !== undefined) throw foreignError(tree, null);
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
  return mapLeaves(tree, fn) as T;
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

/**
 * All tensors of a tree in the order of another one of equal structure: keys are matched by name, whatever their order.
 * @throws ArgumentError naming the path where they differ.
 */
export function treeLeavesLike(structure: unknown, tree: unknown): Tensor[] {
  const likeness: Likeness = { what: 'Two trees differ in structure', names: ['one', 'the other'] };
  return alignLeaves(structure, tree, likeness) as Tensor[];
}

/** `fn` applied to the tensors under equal keys of two trees of equal structure; the result has the first one's order. */
export function treeZip<T>(a: T, b: T, fn: (a: Tensor, b: Tensor) => Tensor): T {
  const others = treeLeavesLike(a, b);
  let next = 0;
  return treeMap(a, (leaf) => fn(leaf, others[next++] as Tensor));
}

/** How to match two trees, and how errors speak of them. */
export interface Likeness {
  /** What is wrong when they are not alike. */
  readonly what: string;
  /** What the one whose structure counts is called, and the other. */
  readonly names: readonly [string, string];
  /** Whether null or undefined in the other may stand for all that the first has in that place; default is false. */
  readonly gaps?: boolean;
}

/**
 * The tensors of `tree` in the order of `treeLeaves(structure)`: keys are matched by name, whatever their order. Null for each
 * tensor that a gap stands for, where gaps are allowed.
 * @throws ArgumentError naming the path, where a key is missing or too many, a list is longer or shorter, or a tensor stands for a tree.
 */
export function alignLeaves(structure: unknown, tree: unknown, likeness: Likeness): (Tensor | null)[] {
  const aligned: (Tensor | null)[] = [];
  if (collectAlike(structure, tree, aligned, likeness.gaps ?? false)) return aligned;
  aligned.length = 0;
  const path: string[] = [];
  const walk = (a: unknown, b: unknown): void => {
    if (likeness.gaps && (b === null || b === undefined)) {
      for (const _ of treeLeaves(a)) aligned.push(null);
    } else if (a instanceof Tensor && b instanceof Tensor) {
      aligned.push(b);
    } else {
      const keys = keysOf(a, path.join('.'));
      if (!haveSameKeys(a, b, keys, keysOf(b, path.join('.')), likeness)) throw differenceOf(a, b, path, likeness);
      for (const key of keys) {
        path.push(key);
        walk(childOf(a, key), childOf(b, key));
        path.pop();
      }
    }
  };
  walk(structure, tree);
  return aligned;
}

/** Collects the tensors of a tree that is plainly like another, as nearly every tree is; false where a closer look is needed. */
function collectAlike(a: unknown, b: unknown, into: (Tensor | null)[], gaps: boolean): boolean {
  if (a instanceof Tensor) {
    if (b instanceof Tensor) into.push(b);
    else if (gaps && isNothing(b)) into.push(null);
    else return false;
    return true;
  }
  if (isNothing(b)) {
    if (gaps) for (const _ of treeLeaves(a)) into.push(null);
    return gaps || isNothing(a);
  }
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let index = 0; index < a.length; index++) if (!collectAlike(a[index], b[index], into, gaps)) return false;
    return true;
  }
  if (!isPlainObject(a) || !isPlainObject(b)) return false;
  let more = 0;
  for (const key in a) {
    const other = b[key];
    // What is not there at all is no gap.
    if (other === undefined && gaps && !Object.hasOwn(b, key)) return false;
    if (!collectAlike(a[key], other, into, gaps)) return false;
    more--;
  }
  for (const _ in b) more++;
  return more === 0;
}

function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function haveSameKeys(
  a: unknown,
  b: unknown,
  keysA: readonly string[],
  keysB: readonly string[],
  { gaps = false }: Likeness,
): boolean {
  if (a instanceof Tensor || b instanceof Tensor) return false;
  if (keysA.length > 0 && keysB.length > 0 && Array.isArray(a) !== Array.isArray(b)) return false;
  const there = (key: string): boolean => keysB.includes(key) || (gaps && Object.hasOwn(b as object, key));
  return keysB.length <= keysA.length && keysA.every(there) && keysB.every((key) => keysA.includes(key));
}

function differenceOf(a: unknown, b: unknown, path: readonly string[], { what, names }: Likeness): ArgumentError {
  const where = path.length === 0 ? 'at the top' : `at "${path.join('.')}"`;
  return new ArgumentError(`${what} ${where}: ${names[0]} has ${contentOf(a)}, ${names[1]} ${contentOf(b)}.`);
}

function contentOf(value: unknown): string {
  if (value instanceof Tensor) return 'a tensor';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  const keys = keysOf(value, '');
  return keys.length === 0 ? 'nothing' : `{ ${keys.join(', ')} }`;
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

/** As `treeMap`, with anything in the tensors' places. */
export function mapLeaves(tree: unknown, fn: (leaf: Tensor) => unknown): unknown {
  if (tree instanceof Tensor) return fn(tree);
  if (tree === null || tree === undefined) return tree;
  if (Array.isArray(tree)) return tree.map((child: unknown) => mapLeaves(child, fn));
  if (!isPlainObject(tree)) throw foreignError(tree, null);
  // A copy that is overwritten has its keys at once.
  const mapped: Record<string, unknown> = { ...tree };
  for (const key in tree) mapped[key] = mapLeaves(tree[key], fn);
  return mapped;
}

function foreignError(found: unknown, path: string | null): ArgumentError {
  const what = typeof found === 'object' && found !== null ? `a ${found.constructor.name}` : `a ${typeof found}`;
  return new ArgumentError(
    `A tree of tensors holds ${what}${path === null || path === '' ? '' : ` at "${path}"`}; only tensors, arrays, plain objects, null and ` +
      'undefined may be in it. Make numbers tensors with scalar().',
  );
}
