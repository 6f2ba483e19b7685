import { concat, disposeTree, keep, reshape, scope, Tensor } from '@tempograd/core';

/** The same tree with the numbers of each tensor in its place. */
export type Numbers<T> = T extends Tensor
  ? readonly number[]
  : T extends readonly (infer U)[]
    ? readonly Numbers<U>[]
    : T extends object
      ? { readonly [K in keyof T]: Numbers<T[K]> }
      : T;

/** A tree of small tensors, and of whatever else, on its way to the host in as few reads as it has dtypes. */
export class PackedTree<T> {
  #tree: T;
  #packs: ReadonlyMap<string, Tensor>;

  /** Copies the tensors, which are borrowed. */
  constructor(tree: T) {
    const groups = new Map<string, Tensor[]>();
    const places = visit(tree, (x) => {
      const group = groups.get(x.dtype) ?? [];
      groups.set(x.dtype, group);
      group.push(x);
      return new Place(x.dtype, x.size);
    });
    this.#tree = places as T;
    this.#packs = new Map(
      [...groups].map(([dtype, group]) => [dtype, scope(() => keep(concat(group.map((x) => reshape(x, [-1])))))]),
    );
  }

  /** Reads all of it, once, and lets go of it. */
  async read(): Promise<Numbers<T>> {
    try {
      const dtypes = [...this.#packs.keys()];
      const values = await Promise.all([...this.#packs.values()].map(async (pack) => pack.read()));
      const at = dtypes.map(() => 0);
      return visit(this.#tree, null, ({ dtype, size }) => {
        const pack = dtypes.indexOf(dtype);
        const begin = at[pack] as number;
        at[pack] = begin + size;
        return Array.from(values[pack] as ArrayLike<number>).slice(begin, begin + size);
      }) as Numbers<T>;
    } finally {
      disposeTree([...this.#packs.values()]);
    }
  }
}

/** Where a tensor stood. */
class Place {
  readonly dtype: string;
  readonly size: number;
  constructor(dtype: string, size: number) {
    this.dtype = dtype;
    this.size = size;
  }
}

function visit(node: unknown, tensor: ((x: Tensor) => unknown) | null, place?: (at: Place) => unknown): unknown {
  if (node instanceof Tensor) return tensor === null ? node : tensor(node);
  if (node instanceof Place) return place === undefined ? node : place(node);
  if (Array.isArray(node)) return node.map((child) => visit(child, tensor, place));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, visit(child, tensor, place)]));
}
