import { ArgumentError, fromArray, Tensor, type Backend } from '@tempograd/core';
import type { SafetensorsFile } from '../../safetensors/index.js';
import { shown } from '../../safetensors/parseJson.js';
import { damagedAt } from './CheckpointError.js';

/**
 * A tree as JSON: each tensor is the name it is stored by, and `undefined` is null. A strategy's own state may hold plain values
 * too: a text is marked by `'` before it, a number that JSON does not have by `#`.
 */
export type TreeJson = string | number | boolean | null | readonly TreeJson[] | { readonly [key: string]: TreeJson };

/** Deepest nesting of a tree; what reads it can then follow it. */
const deepestTree = 64;

/** The numbers that JSON does not have. */
const marked: ReadonlyMap<string, number> = new Map(
  [NaN, Infinity, -Infinity, -0].map((value) => [`#${Object.is(value, -0) ? '-0' : value}`, value]),
);

/** Describes a tree, and puts its tensors under `name…` into `tensors`. @throws ArgumentError for what cannot be stored. */
export function describeTree(tree: unknown, name: string, tensors: Map<string, Tensor>, plain = false): TreeJson {
  const visit = (node: unknown, path: string, depth: number): TreeJson => {
    if (depth > deepestTree) throw unstorable(path, `is nested more than ${deepestTree} deep`);
    if (node === null || node === undefined) return null;
    if (node instanceof Tensor) return store(node, path, tensors);
    if (Array.isArray(node)) return node.map((child, index) => visit(child, `${path}.${index}`, depth + 1));
    if (isPlainObject(node)) {
      const described = Object.entries(node).map(([key, child]) => [key, visit(child, `${path}.${key}`, depth + 1)]);
      return Object.fromEntries(described) as TreeJson;
    }
    if (plain && typeof node === 'boolean') return node;
    if (plain && typeof node === 'string') return `'${node}`;
    if (plain && typeof node === 'number') return Number.isFinite(node) && !Object.is(node, -0) ? node : markOf(node);
    throw unstorable(path, `is a ${typeof node === 'object' ? node.constructor.name : typeof node}`);
  };
  return visit(tree, name, 0);
}

/** What a described tree is read from. */
export interface TreeSource {
  readonly file: SafetensorsFile;
  readonly backend: Backend;
  /** Names of the tensors that were referred to, to be added to. */
  readonly used: Set<string>;
}

/** The tree that was described; its tensors are new, in the caller's scope. @throws CheckpointError naming the path of what is wrong. */
export function restoreTree(json: unknown, path: string, source: TreeSource, plain = false): unknown {
  if (json === null) return null;
  if (Array.isArray(json)) return json.map((child, index) => restoreTree(child, `${path}.${index}`, source, plain));
  if (typeof json === 'object') {
    const children = Object.entries(json).map(([key, child]): [string, unknown] => [
      key,
      restoreTree(child, `${path}.${key}`, source, plain),
    ]);
    return Object.fromEntries(children);
  }
  if (plain && (typeof json === 'number' || typeof json === 'boolean')) return json;
  if (typeof json !== 'string') throw damagedAt(path, `${JSON.stringify(json)} stands for a tensor`);
  if (plain && json.startsWith("'")) return json.slice(1);
  if (plain && marked.has(json)) return marked.get(json);
  const stored = json.startsWith('run.') ? source.file.tensors.get(json) : undefined;
  if (stored === undefined) throw damagedAt(path, `it lacks the tensor ${shown(json)}`);
  source.used.add(json);
  return fromArray(stored.data, stored.shape, { dtype: stored.dtype, backend: source.backend });
}

/** All tensors in a tree that may hold anything else, itself too. */
export function tensorsIn(tree: unknown): Tensor[] {
  const seen = new Set<unknown>([tree]);
  const tensors: Tensor[] = [];
  for (const node of seen) {
    if (node instanceof Tensor) tensors.push(node);
    else if (typeof node === 'object' && node !== null) for (const child of Object.values(node)) seen.add(child);
  }
  return tensors;
}

/** Stores a tensor by its path, or, where another has that name (`{ 'a.b': x, a: { b: y } }`), by one beside it. */
function store(tensor: Tensor, path: string, tensors: Map<string, Tensor>): string {
  let name = path;
  while (tensors.has(name) && tensors.get(name) !== tensor) name += '+';
  tensors.set(name, tensor);
  return name;
}

function markOf(value: number): string {
  return `#${Object.is(value, -0) ? '-0' : value}`;
}

function unstorable(path: string, what: string): ArgumentError {
  return new ArgumentError(
    `A checkpoint cannot be taken: "${path.slice(0, 200)}" ${what}. Tensors, lists, plain objects and null can be stored, ` +
      "and in a strategy's own state numbers, booleans and texts.",
  );
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
