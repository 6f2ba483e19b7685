import {
  ArgumentError,
  BackendError,
  binaryOps,
  unaryOps,
  type Backend,
  type BinaryOp,
  type DType,
  type OperandOrNumber,
  type Shape,
  type UnaryOp,
} from '../backend/index.js';
import type { Attributes, Primitive } from './primitive.js';
import { track } from './scope.js';
import { openStage } from './stage.js';
import { ArrayTensor, Literal, Storage, TracedTensor, type Tensor, type Trace } from './Tensor.js';

type Evaluate<A> = (backend: Backend, inputs: readonly ArrayTensor[], attributes: A) => object;

const at = (inputs: readonly ArrayTensor[], index: number): ArrayTensor => inputs[index] as ArrayTensor;

/** An input that may be a literal. */
const valueAt = (inputs: readonly Tensor[], index: number): OperandOrNumber => {
  const input = inputs[index];
  return input instanceof Literal ? input.value : (input as ArrayTensor);
};

const elementwise = Object.fromEntries<Evaluate<null>>([
  ...unaryOps.map((op): [UnaryOp, Evaluate<null>] => [op, (backend, [x]) => backend.unary(op, x as ArrayTensor)]),
  ...binaryOps.map((op): [BinaryOp, Evaluate<null>] => [
    op,
    (backend, x) => backend.binary(op, valueAt(x, 0), valueAt(x, 1)),
  ]),
]) as Record<UnaryOp | BinaryOp, Evaluate<null>>;

const evaluate: { readonly [P in Primitive]: Evaluate<Attributes[P]> } = {
  ...elementwise,
  compare: (backend, x, { op }) => backend.compare(op, valueAt(x, 0), valueAt(x, 1)),
  select: (backend, x) => backend.select(at(x, 0), valueAt(x, 1), valueAt(x, 2)),
  matmul: (backend, x, { transposeA, transposeB }) => backend.matmul(at(x, 0), at(x, 1), transposeA, transposeB),
  sum: (backend, x, { axes }) => backend.sum(at(x, 0), axes),
  max: (backend, x, { axes }) => backend.max(at(x, 0), axes),
  reshape: (backend, x, { shape }) => backend.reshape(at(x, 0), shape),
  transpose: (backend, x, { permutation }) => backend.transpose(at(x, 0), permutation),
  broadcast: (backend, x, { shape }) => backend.broadcast(at(x, 0), shape),
  slice: (backend, x, { begin, size }) => backend.slice(at(x, 0), begin, size),
  concat: (backend, x, { axis }) => backend.concat(x, axis),
  flip: (backend, x, { axes }) => backend.flip(at(x, 0), axes),
  gather: (backend, x) => backend.gather(at(x, 0), at(x, 1)),
  scatterAdd: (backend, x, { rows }) => backend.scatterAdd(at(x, 0), at(x, 1), rows),
  cast: (backend, x, { dtype }) => backend.cast(at(x, 0), dtype),
};

/**
 * Applies a primitive: the innermost differentiation that watches an input takes it; where none does, the function that is
 * being traced writes it down; else the backend computes.
 * Every op ends here, with shapes checked and the result's shape known.
 */
export function bind<P extends Primitive>(
  primitive: P,
  inputs: readonly Tensor[],
  attributes: Attributes[P],
  shape: Shape,
  dtype: DType,
): Tensor {
  const trace = innermostTrace(inputs);
  const stage = openStage();
  const taker = trace !== null && (stage === null || trace.level > stage.level) ? trace : stage;
  if (taker !== null) return taker.process({ primitive, inputs, attributes, shape, dtype });
  const arrays = inputs as readonly ArrayTensor[];
  const backend = commonBackend(primitive, arrays);
  requireAlive(arrays);
  return newTensor(backend, evaluate[primitive](backend, arrays, attributes), shape, dtype);
}

/** A backend's new handle as a tensor, registered in the innermost scope. */
export function newTensor(backend: Backend, handle: object, shape: Shape, dtype: DType): ArrayTensor {
  return track(new ArrayTensor(new Storage(backend, handle), shape, dtype));
}

/** @throws LifetimeError where one is disposed of: before a backend makes anything, so that nothing is left of it. */
export function requireAlive(inputs: readonly Tensor[]): void {
  for (const input of inputs) if (input instanceof ArrayTensor) void input.handle;
}

/** The backend that holds all of `inputs`. @throws BackendError when they are on different ones. */
export function commonBackend(op: string, inputs: readonly Tensor[]): Backend {
  const backend = inputs[0]?.backend;
  if (backend === undefined) throw new ArgumentError(`${op}: there are no tensors to work on; at least one is needed.`);
  for (const input of inputs) {
    if (input.backend !== backend) {
      throw new BackendError(
        `${op}: its inputs are on different backends, ${backend.name} and ${input.backend.name}. ` +
          'Read one and make it anew with tensor(values, { backend }).',
      );
    }
  }
  return backend;
}

function innermostTrace(inputs: readonly Tensor[]): Trace | null {
  let innermost: Trace | null = null;
  for (const input of inputs) {
    if (input instanceof TracedTensor && (innermost === null || input.trace.level > innermost.level))
      innermost = input.trace;
  }
  return innermost;
}
