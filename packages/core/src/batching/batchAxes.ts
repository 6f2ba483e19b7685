import { ArgumentError } from '../backend/index.js';
import { normalAxis } from '../tensor/ops/operands.js';
import { Tensor } from '../tensor/Tensor.js';
import { isPlainObject } from '../tensor/tree.js';

/** Axes to map over, for the leaves of a tree: a number or null stands for a whole branch. */
export type BatchAxes = number | null | readonly BatchAxes[] | { readonly [key: string]: BatchAxes };

/** The axis of each leaf of `tree`, in the order of `treeLeaves`, counted from the front; null for leaves that are not mapped. */
export function axesOf(tree: unknown, axes: BatchAxes): (number | null)[] {
  const found: (number | null)[] = [];
  const walk = (value: unknown, given: unknown, path: string): void => {
    if (value === null || value === undefined) return;
    if (value instanceof Tensor) {
      if (given !== null && typeof given !== 'number') throw misfit(path, given, 'a tensor');
      found.push(given === null ? null : normalAxis('vmap', given, value));
      return;
    }
    const branches = typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : null;
    if (branches === null && given !== null && typeof given !== 'number') throw misfit(path, given, 'a branch');
    const keys = Object.keys(value);
    const foreign = branches === null ? undefined : Object.keys(branches).find((key) => !keys.includes(key));
    if (foreign !== undefined) {
      throw new ArgumentError(
        `vmap: \`in\` names ${quoted(path, foreign)}, but the argument there has ${keys.join(', ') || 'nothing'}.`,
      );
    }
    for (const key of keys) {
      const axis = branches === null ? given : branches[key];
      // What a tree of axes does not name is mapped over axis 0, as everything is where none is given.
      walk(
        (value as Record<string, unknown>)[key],
        axis === undefined ? 0 : axis,
        path === '' ? key : `${path}.${key}`,
      );
    }
  };
  walk(tree, axes, '');
  return found;
}

function quoted(path: string, key: string): string {
  return `"${path === '' ? key : `${path}.${key}`}"`;
}

function misfit(path: string, given: unknown, what: string): ArgumentError {
  const found = Array.isArray(given) || isPlainObject(given) ? 'a tree' : `${typeof given} ${String(given)}`;
  return new ArgumentError(
    `vmap: \`in\`${path === '' ? '' : ` at "${path}"`} is ${found}, but the argument has ${what} there; wanted the number of an axis, or null for what is the same for every row.`,
  );
}
