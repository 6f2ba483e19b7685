import {
  broadcastShapes,
  bytesPerElement,
  fusedFamilies,
  gateCount,
  operandShape,
  operandsDType,
  sizeOf,
  specificationVersion,
  type Backend,
  type DType,
  type FusedFamily,
  type FusedOps,
  type MemoryInfo,
  type Operand,
  type OperandOrNumber,
  type Result,
  type Shape,
} from '@tempograd/core/backend';
import type { PlannedHandle, PlannedMemory } from './PlannedMemory.js';

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
    write: (_data, shape, dtype) => make(shape, dtype),
    read: none,
    release: (handle) => memory.release(handle),
    memory: (): MemoryInfo => ({ buffers: 0, bytes: memory.bytes, peakBytes: memory.peakBytes }),
    resetPeak: () => undefined,
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
    ...familiesOf(like, plannedFusedOps(memory, make)),
  };
}

const broadcast = (a: XOrNumber, b: XOrNumber): Shape => broadcastShapes(operandShape(a), operandShape(b), 'plan');

/** Of the fused ops, the families that a backend has; random numbers in any case, which else would be drawn on the host. */
function familiesOf(like: Backend, all: FusedOps<PlannedHandle>): Partial<FusedOps<PlannedHandle>> {
  const present = (Object.keys(fusedFamilies) as FusedFamily[]).filter(
    (family) => family === 'randomUniform' || like[fusedFamilies[family][0]] !== undefined,
  );
  return Object.fromEntries(present.flatMap((family) => fusedFamilies[family].map((name) => [name, all[name]])));
}

function plannedFusedOps(
  memory: PlannedMemory,
  make: (shape: Shape, dtype: DType) => PlannedHandle,
): FusedOps<PlannedHandle> {
  const like = (x: X): PlannedHandle => make(x.shape, x.dtype);
  const result = (shape: Shape, dtype: DType): Result<PlannedHandle> => ({ handle: make(shape, dtype), shape, dtype });
  return {
    recurrentForward({ cell, input, carry, weightHh, mask }, save) {
      const [time, batch] = input.shape as readonly [number, number];
      const { dtype } = weightHh;
      const hidden = weightHh.shape[1] as number;
      const over = [time, batch, hidden];
      const output = result(over, dtype);
      const final = carry.map(() => result([batch, hidden], dtype));
      const makeSaved = (): Result<PlannedHandle>[] => [
        result([time, batch, gateCount[cell] * hidden], dtype),
        mask === null ? { ...output, handle: memory.share(output.handle) } : result(over, dtype),
        ...(cell === 'lstm' || cell === 'gru' ? [result(over, dtype)] : []),
      ];
      if (save) return { output, carry: final, saved: makeSaved() };
      // Not asked for, they are worked with all the same.
      for (const { handle } of memory.as('scratch', makeSaved)) memory.release(handle);
      return { output, carry: final, saved: null };
    },
    recurrentBackward({ cell, input, carry, weightIh, weightHh, biasIh, biasHh, saved, wants, into }) {
      const { dtype } = weightHh;
      const [gates, states] = saved as readonly [X, X];
      // The gates' cotangents at every step; gru's differ on the recurrent side.
      const scratch = memory.as('scratch', () => [gates, ...(cell === 'gru' ? [gates] : [])].map(like));
      const of = (x: X | null, wanted: boolean): Result<PlannedHandle> | null =>
        wanted && x !== null ? result(x.shape, dtype) : null;
      /** What is added to a gradient so far is made first, and given back. */
      const weight = (x: X | null, soFar: X | null | undefined): Result<PlannedHandle> | null => {
        const made = of(x, wants.weights);
        if (made === null || !soFar) return made;
        memory.release(made.handle);
        return null;
      };
      const gradients = {
        input: of(input, wants.input),
        carry: wants.carry ? carry.map((x) => result(x.shape, dtype)) : null,
        weightIh: weight(weightIh, into?.weightIh),
        weightHh: weight(weightHh, into?.weightHh),
        biasIh: weight(biasIh, into?.biasIh),
        biasHh: weight(biasHh, into?.biasHh),
        delta: of(states, wants.delta),
      };
      for (const handle of scratch) memory.release(handle);
      return gradients;
    },
    // What a compiled segment keeps is its backend's to say: the plan is that of the same steps one after another.
    compileSegment: () => null,
    linearScanForward: (a) => like(a),
    linearScanBackward: (a, h, h0) => ({ a: like(a), b: like(h), h0: like(h0) }),
    softmaxCrossEntropy: (logits, targets, _smoothing, wantGradient) => ({
      loss: make(targets.shape, logits.dtype),
      gradient: wantGradient ? like(logits) : null,
    }),
    linearForward: (x, weight) => make([x.shape[0] as number, weight.shape[0] as number], x.dtype),
    linearBackward: (x, weight, _cotangent, wants) => ({
      x: wants.x ? like(x) : null,
      weight: wants.weight ? like(weight) : null,
      bias: wants.bias ? make(weight.shape.slice(0, 1), x.dtype) : null,
    }),
    layerNormForward(x) {
      const rows = x.shape.slice(0, 1);
      return { output: like(x), mean: make(rows, x.dtype), rstd: make(rows, x.dtype) };
    },
    layerNormBackward: (x, weight) => ({ x: like(x), weight: like(weight), bias: like(weight) }),
    adamStep: () => undefined,
    sgdStep: () => undefined,
    rmspropStep: () => undefined,
    globalNorm: ([first]) => make([], (first as X).dtype),
    randomUniform: (shape, dtype) => make(shape, dtype),
  };
}

function without(shape: Shape, axes: readonly number[]): Shape {
  return shape.filter((_, axis) => !axes.includes(axis));
}

/** Whether a box is one stretch of its source: whole behind the first axis that is cut, single in front of it. */
function isContiguous(shape: Shape, size: Shape): boolean {
  const cut = size.findIndex((length) => length !== 1);
  return cut === -1 || size.every((length, axis) => axis <= cut || length === shape[axis]);
}
