import { groupAxes, joinGroups, sizeOf, sizeOfGroups } from '@tempograd/core/backend';
import type { AxisGroup, Backend, DType, Operand } from '@tempograd/core/backend';
import type { Engine } from '../engine/Engine.js';
import type { Handle } from '../memory/Storage.js';

type X = Operand<Handle>;
type Reduction = 'sum' | 'max';

/** A whole tensor longer than this is reduced in blocks first, which threads share; the result is the same without threads. */
const blockLength = 4096;
const blocksFrom = 16 * blockLength;
const cost = 0.3;
const suffix = { f32: 'F32', i32: 'I32' } as const;

/** Reductions over axes. */
export function reduceOps(engine: Engine): Pick<Backend<Handle>, 'sum' | 'max' | 'globalNorm'> {
  const { heap } = engine;

  /** `[outer, length, inner] → [outer, inner]` at `out`. */
  function reduce(
    op: Reduction,
    dtype: DType,
    x: number,
    out: number,
    outer: number,
    length: number,
    inner: number,
  ): void {
    const kind = suffix[dtype as 'f32' | 'i32'];
    engine.setWords(x, out, outer, length, inner);
    const parts = engine.partsFor(outer * length * inner * cost);
    engine.run(inner === 1 ? `${op}Rows${kind}` : `${op}Columns${kind}`, { parts });
  }

  function reduceWhole(op: Reduction, dtype: DType, x: number, out: number, length: number): void {
    if (length < blocksFrom) return reduce(op, dtype, x, out, 1, length, 1);
    const blocks = Math.floor(length / blockLength);
    const rest = length - blocks * blockLength;
    const partial = heap.scratch((blocks + 1) * 4);
    reduce(op, dtype, x, partial, blocks, blockLength, 1);
    if (rest > 0) reduce(op, dtype, x + blocks * blockLength * 4, partial + blocks * 4, 1, rest, 1);
    reduce(op, dtype, partial, out, 1, rest > 0 ? blocks + 1 : blocks, 1);
  }

  function reduction(op: Reduction, x: X, axes: readonly number[]): Handle {
    const shape = x.shape.filter((_, axis) => !axes.includes(axis));
    let groups = groupAxes(x.shape, axes);
    if (!groups.some(({ reduced }) => reduced)) return heap.view(x.handle);
    let source = x.handle;
    for (;;) {
      const at = groups.findLastIndex(({ reduced }) => reduced);
      const outer = sizeOfGroups(groups.slice(0, at));
      const length = (groups[at] as AxisGroup).length;
      const inner = sizeOfGroups(groups.slice(at + 1));
      const rest = joinGroups(groups.filter((_, i) => i !== at));
      const last = !rest.some(({ reduced }) => reduced);
      const out = heap.allocate(last ? shape : rest.map((group) => group.length), x.dtype);
      const from = engine.pointer({ ...x, handle: source });
      if (outer === 1 && inner === 1) reduceWhole(op, x.dtype, from, out.pointer, length);
      else reduce(op, x.dtype, from, out.pointer, outer, length, inner);
      if (source !== x.handle) heap.release(source);
      if (last) return out;
      groups = rest;
      source = out;
    }
  }

  return {
    sum: (x, axes) => reduction('sum', x, axes),
    max: (x, axes) => reduction('max', x, axes),

    globalNorm(xs) {
      let [blocks, elements] = [0, 0];
      for (const { shape } of xs) {
        const size = sizeOf(shape);
        blocks += Math.ceil(size / blockLength);
        elements += size;
      }
      const out = heap.allocate([], xs[0]?.dtype ?? 'f32');
      // A block of arguments for each tensor, then the sums.
      const stride = 16;
      const at = heap.scratch(xs.length * stride + blocks * 8);
      const sums = at + xs.length * stride;
      const { i32 } = heap.memory;
      let [word, sum] = [at / 4, sums];
      for (const x of xs) {
        const size = sizeOf(x.shape);
        i32[word] = engine.pointer(x);
        i32[word + 1] = sum;
        i32[word + 2] = size;
        word += stride / 4;
        sum += Math.ceil(size / blockLength) * 8;
      }
      engine.runBlocks('normSquares', { at, stride, count: xs.length }, engine.partsFor(elements * cost));
      engine.setWords(sums, out.pointer, blocks);
      engine.run('normRoot');
      return out;
    },
  };
}
