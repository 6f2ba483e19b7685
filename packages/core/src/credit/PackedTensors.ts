import { concat, reshape } from '../tensor/ops/index.js';
import { keep, scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { disposeTree } from '../tensor/tree.js';

/** Tensors of one dtype, one after another. */
interface Pack {
  readonly tensor: Tensor;
  /** Which of the tensors that were packed, and where its numbers begin. */
  readonly places: readonly { readonly index: number; readonly begin: number; readonly size: number }[];
}

/** Many small tensors on their way to the host, in few reads. It owns what it holds, outside every scope. */
export class PackedTensors {
  #packs: readonly Pack[];
  #count: number;

  /** Copies the tensors, which are borrowed. */
  constructor(tensors: readonly Tensor[]) {
    this.#count = tensors.length;
    this.#packs = scope(() => keep(packsOf(tensors)));
  }

  /** Whether `readSync` can be called. */
  get readsAtOnce(): boolean {
    return this.#packs.every(({ tensor }) => tensor.backend.readSync !== undefined);
  }

  /** The numbers of each tensor, in the order given. */
  readSync(): Float64Array[] {
    return this.#unpack(this.#packs.map(({ tensor }) => tensor.readSync()));
  }

  /** As `readSync`, when they are there. */
  async read(): Promise<Float64Array[]> {
    return this.#unpack(await Promise.all(this.#packs.map(({ tensor }) => tensor.read())));
  }

  dispose(): void {
    disposeTree(this.#packs.map(({ tensor }) => tensor));
  }

  #unpack(values: readonly ArrayLike<number>[]): Float64Array[] {
    const unpacked = new Array<Float64Array>(this.#count);
    this.#packs.forEach(({ places }, pack) => {
      const numbers = Float64Array.from(values[pack] as ArrayLike<number>);
      for (const { index, begin, size } of places) unpacked[index] = numbers.subarray(begin, begin + size);
    });
    return unpacked;
  }
}

/** Tensors that one concatenation takes: its cost is more than linear on some backends. */
const most = 256;

function packsOf(tensors: readonly Tensor[]): Pack[] {
  const groups = new Map<string, { index: number; flat: Tensor }[]>();
  const counts = new Map<string, number>();
  tensors.forEach((tensor, index) => {
    const count = counts.get(tensor.dtype) ?? 0;
    counts.set(tensor.dtype, count + 1);
    const group = `${tensor.dtype} ${Math.floor(count / most)}`;
    const flat = { index, flat: reshape(tensor, [-1]) };
    const others = groups.get(group);
    if (others === undefined) groups.set(group, [flat]);
    else others.push(flat);
  });
  return [...groups.values()].map((group) => {
    let begin = 0;
    const places = group.map(({ index, flat: { size } }) => {
      begin += size;
      return { index, begin: begin - size, size };
    });
    return { tensor: concat(group.map(({ flat }) => flat)), places };
  });
}
