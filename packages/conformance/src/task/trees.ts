import {
  disposeTree,
  fromArray,
  scope,
  sliceAxis,
  treeEntries,
  treeLeaves,
  treeMap,
  type Tensor,
} from '@tempograd/core';
import { isFloat, makeTypedArray, type DType } from '@tempograd/core/backend';
import { floats, type HostArray } from '../host/HostArray.js';
import { errorOf } from '../check/errorOf.js';
import { TaskError, type TaskPromise } from './TaskError.js';

/** A tree of tensors on the host: each with its place in the tree. */
export type Numbers = readonly { readonly path: string; readonly dtype: DType; readonly x: HostArray }[];

/** Steps `from … to` of a tree of `[time, …]` tensors. */
export function cut<T>(tree: T, from: number, to: number): T {
  return treeMap(tree, (leaf) => sliceAxis(leaf, from, to));
}

/** Reads a tree. */
export async function read(tree: unknown): Promise<Numbers> {
  return Promise.all(
    treeEntries(tree).map(async ([path, leaf]) => ({
      path,
      dtype: leaf.dtype,
      x: floats(leaf.shape, await leaf.read()),
    })),
  );
}

/** Runs `fn` in a scope and reads what it returns; none of it stays. */
export async function readFrom(fn: () => unknown): Promise<Numbers> {
  const tree = scope(fn);
  try {
    return await read(tree);
  } finally {
    disposeTree(tree);
  }
}

/** Numbers of `count` steps of a tree, its leaves being `[time, …]`. */
export function stepsOf(numbers: Numbers, from: number, to: number): Numbers {
  return numbers.map(({ path, dtype, x }) => {
    const width = x.values.length / (x.shape[0] as number);
    return { path, dtype, x: floats([to - from, ...x.shape.slice(1)], x.values.slice(from * width, to * width)) };
  });
}

/** @throws TaskError naming the first leaf that is off by more than the bound, relative to its largest number. */
export function compare(promise: TaskPromise, what: string, actual: Numbers, expected: Numbers, bound: number): void {
  const names = (list: Numbers): string => list.map(({ path }) => path || 'a tensor').join(', ') || 'nothing';
  if (names(actual) !== names(expected)) {
    throw new TaskError(promise, `${what}: there is ${names(actual)}, where ${names(expected)} is expected`);
  }
  actual.forEach(({ path, x, dtype }, number) => {
    const wanted = expected[number] as Numbers[number];
    const leaf = path === '' ? '' : `"${path}", `;
    if (String(x.shape) !== String(wanted.x.shape) || dtype !== wanted.dtype) {
      const [given, other] = [`${dtype}[${String(x.shape)}]`, `${wanted.dtype}[${String(wanted.x.shape)}]`];
      throw new TaskError(promise, `${what}: ${leaf}${given} where ${other} is expected`);
    }
    const { error, index } = errorOf(x, wanted.x, isFloat(dtype) && bound > 0 ? 'tensor' : 'exact');
    if (error <= bound) return;
    const [given, other] = [x.values[index], wanted.x.values[index]].map(String);
    throw new TaskError(
      promise,
      `${what}: ${leaf}element ${index} of [${String(x.shape)}] is ${given}, expected ${other}`,
    );
  });
}

/**
 * The same stretch with other content at steps `from … to`: floats are moved, and whole numbers (classes, masks, rows), of which
 * not all are good ones, are those of another step.
 */
export async function disturbed<T>(stretch: T, from: number, to: number): Promise<() => T> {
  const leaves = await Promise.all(treeLeaves(stretch).map(async (leaf) => ({ leaf, values: await leaf.read() })));
  return () => {
    let next = 0;
    return treeMap(stretch, () => {
      const { leaf, values } = leaves[next++] as (typeof leaves)[number];
      return changed(leaf, values, from, to);
    });
  };
}

function changed(leaf: Tensor, values: ArrayLike<number>, from: number, to: number): Tensor {
  const [time = 0] = leaf.shape;
  const width = leaf.size / Math.max(time, 1);
  const moved = makeTypedArray(leaf.dtype, leaf.size);
  moved.set(values);
  for (let index = from * width; index < to * width; index++) {
    moved[index] = isFloat(leaf.dtype)
      ? (values[index] as number) + 0.25 + (index % 7) / 16
      : (values[(index + (time - to + from || 1) * width) % leaf.size] as number);
  }
  return fromArray(moved, leaf.shape, { dtype: leaf.dtype, backend: leaf.backend });
}
