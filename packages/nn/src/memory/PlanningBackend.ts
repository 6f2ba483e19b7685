import {
  broadcastShapes,
  bytesPerElement,
  operandShape,
  operandsDType,
  makeTypedArray,
  sizeOf,
  specificationVersion,
  type Backend,
  type DType,
  type MemoryInfo,
  type Operand,
  type OperandOrNumber,
  type Shape,
} from '@tempograd/core/backend';
import type { PlannedHandle, PlannedMemory } from './PlannedMemory.js';
import { plannedFusedOps } from './plannedFusedOps.js';

type X = Operand<PlannedHandle>;
type XOrNumber = OperandOrNumber<PlannedHandle>;

/**
 * A backend that computes nothing: its ops make results of the right size, and nothing else, so that a training step that runs on
 * it tells what memory it takes. It has the fused ops and the views of the backend it stands for.
 */
export function planningBackend(like: Backend, memory: PlannedMemory): Backend<PlannedHandle> {
  const make = (shape: Shape, dtype: DType): PlannedHandle => memory.allocate(sizeOf(shape) * bytesPerElement(dtype));
  const views = like.capabilities.views === true;
  const none = (): never => {
    throw new Error(
      'A memory plan has no numbers: this task reads values back while it runs, so it cannot be planned.',
    );
  };
  return {
    specificationVersion,
    name: `plan of ${like.name}`,
    capabilities: { ...like.capabilities, syncRead: false },
    info: {},
    // Outside the task numbers may be read, for a slower store of states or to see how gradients fade: they are all one, so that
    // nothing fades. An update reads where the backend can: elsewhere it asks more of the device.
    get readSync() {
      const { use } = memory;
      const withheld = use === 'recurrence' || use === 'loss' || (use === 'update' && like.readSync === undefined);
      return withheld ? undefined : ({ shape, dtype }: X) => makeTypedArray(dtype, sizeOf(shape)).fill(1);
    },
    write: (_data, shape, dtype) => make(shape, dtype),
    read: none,
    release: (handle) => memory.release(handle),
    memory: (): MemoryInfo => ({ buffers: 0, bytes: memory.bytes, peakBytes: memory.peakSinceReset }),
    resetPeak: () => memory.resetPeak(),
    unary: (_op, x) => make(x.shape, x.dtype),
    binary: (_op, a, b) => make(broadcast(a, b), operandsDType(a, b)),
    compare: (_op, a, b) => make(broadcast(a, b), 'i32'),
    select: (condition, a, b) => make(broadcastShapes(condition.shape, broadcast(a, b), 'plan'), operandsDType(a, b)),
    matmul(a, b, transposeA, transposeB) {
      const lead = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2), 'plan');
      const [rows, columns] = [a.shape.at(transposeA ? -1 : -2), b.shape.at(transposeB ? -2 : -1)] as [number, number];
      return make([...lead, rows, columns], a.dtype);
    },
    sum: (x, axes) => make(without(x.shape, axes), x.dtype),
    max: (x, axes) => make(without(x.shape, axes), x.dtype),
    reshape: (x, shape) => (views ? memory.share(x.handle) : make(shape, x.dtype)),
    transpose: (x) => make(x.shape, x.dtype),
    broadcast: (x, shape) => make(shape, x.dtype),
    slice: (x, _begin, size) => (views && isContiguous(x.shape, size) ? memory.share(x.handle) : make(size, x.dtype)),
    concat: (xs, axis) => {
      const first = xs[0] as X;
      const total = xs.reduce((length, x) => length + (x.shape[axis] as number), 0);
      return make(
        first.shape.map((length, index) => (index === axis ? total : length)),
        first.dtype,
      );
    },
    flip: (x) => make(x.shape, x.dtype),
    gather: (x, indices) => make([...indices.shape, ...x.shape.slice(1)], x.dtype),
    scatterAdd: (indices, updates, rows) => make([rows, ...updates.shape.slice(indices.shape.length)], updates.dtype),
    cast: (x, dtype) => make(x.shape, dtype),
    fill: (shape, _value, dtype) => make(shape, dtype),
    ...plannedFusedOps(like, memory, make),
  };
}

const broadcast = (a: XOrNumber, b: XOrNumber): Shape => broadcastShapes(operandShape(a), operandShape(b), 'plan');

function without(shape: Shape, axes: readonly number[]): Shape {
  return shape.filter((_, axis) => !axes.includes(axis));
}

/** Whether a box is one stretch of its source: whole behind the first axis that is cut, single in front of it. */
function isContiguous(shape: Shape, size: Shape): boolean {
  const cut = size.findIndex((length) => length !== 1);
  return cut === -1 || size.every((length, axis) => axis <= cut || length === shape[axis]);
}
