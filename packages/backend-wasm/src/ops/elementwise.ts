import {
  broadcastShapes,
  broadcastStrides,
  noIntegers,
  operandShape,
  operandsDType,
  sameShape,
  sizeOf,
} from '@tempograd/core/backend';
import type {
  Backend,
  BinaryOp,
  CompareOp,
  DType,
  Operand,
  OperandOrNumber,
  Shape,
  UnaryOp,
} from '@tempograd/core/backend';
import type { Engine } from '../engine/Engine.js';
import type { KernelName } from '../engine/kernelNames.js';
import type { Handle } from '../memory/Storage.js';
import { layOut } from './layout.js';

type X = Operand<Handle>;
type XOrNumber = OperandOrNumber<Handle>;

/** About how long one element takes, in nanoseconds. */
const unaryCost: Readonly<Record<UnaryOp, number>> = {
  neg: 0.3,
  abs: 0.3,
  sign: 0.4,
  floor: 0.3,
  exp: 1.5,
  log: 1.5,
  log1p: 2,
  sqrt: 0.8,
  sin: 2,
  cos: 2,
  tanh: 2,
  sigmoid: 2,
  relu: 0.3,
};
const binaryCost = 0.4;
const powCost = 15;

const suffix = { f32: 'F32', i32: 'I32' } as const;
const integerUnary: readonly UnaryOp[] = ['neg', 'abs', 'sign', 'relu'];
const floatBinary: readonly BinaryOp[] = ['div', 'pow'];

/** Elementwise ops with broadcasting. */
export function elementwiseOps(
  engine: Engine,
): Pick<Backend<Handle>, 'unary' | 'binary' | 'compare' | 'select' | 'cast'> {
  const { heap } = engine;

  function unary(kernel: KernelName, x: X, dtype: DType, cost: number): Handle {
    const out = heap.allocate(x.shape, dtype);
    const total = sizeOf(x.shape);
    engine.setWords(engine.pointer(x), out.pointer, total);
    engine.run(kernel, { parts: engine.partsFor(total * cost) });
    return out;
  }

  function binary(kernel: KernelName, a: XOrNumber, b: XOrNumber, name: string, dtype: DType, cost: number): Handle {
    const operands = operandsDType(a, b);
    const [shapeA, shapeB] = [operandShape(a), operandShape(b)];
    const same = sameShape(shapeA, shapeB);
    const shape: Shape = same ? shapeA : broadcastShapes(shapeA, shapeB, name);
    const out = heap.allocate(shape, dtype);
    const total = sizeOf(shape);
    const [from, other] = [engine.pointerOrLiteral(a, operands, 0), engine.pointerOrLiteral(b, operands, 1)];
    if (same) {
      engine.setWords(from, other, out.pointer, total, total, 4, 4, 0);
    } else {
      const layout = layOut(shape, [broadcastStrides(shapeA, shape), broadcastStrides(shapeB, shape)]);
      const [strideA = 0, strideB = 0] = layout.innerStrides;
      const { inner, rank, axes } = layout;
      engine.setWords(from, other, out.pointer, total, inner, strideA, strideB, rank, ...axes);
    }
    engine.run(kernel, { parts: engine.partsFor(total * cost) });
    return out;
  }

  return {
    unary(op, x) {
      if (x.dtype === 'i32' && !integerUnary.includes(op)) throw noIntegers(op);
      return unary(`${op}${suffix[x.dtype as 'f32' | 'i32']}` as KernelName, x, x.dtype, unaryCost[op]);
    },

    binary(op: BinaryOp, a, b) {
      const dtype = operandsDType(a, b);
      if (dtype === 'i32' && floatBinary.includes(op)) throw noIntegers(op);
      const kernel = `${op}${suffix[dtype as 'f32' | 'i32']}` as KernelName;
      return binary(kernel, a, b, op, dtype, op === 'pow' ? powCost : binaryCost);
    },

    compare(op: CompareOp, a, b) {
      return binary(`${op}${suffix[operandsDType(a, b) as 'f32' | 'i32']}`, a, b, op, 'i32', binaryCost);
    },

    select(condition, a, b) {
      const dtype = operandsDType(a, b);
      const shapes = [condition.shape, operandShape(a), operandShape(b)] as const;
      const shape = broadcastShapes(shapes[0], broadcastShapes(shapes[1], shapes[2], 'select'), 'select');
      const out = heap.allocate(shape, dtype);
      const total = sizeOf(shape);
      const layout = layOut(
        shape,
        shapes.map((x) => broadcastStrides(x, shape)),
      );
      const pointers = [
        engine.pointer(condition),
        engine.pointerOrLiteral(a, dtype, 0),
        engine.pointerOrLiteral(b, dtype, 1),
      ];
      const { inner, innerStrides, rank, axes } = layout;
      engine.setWords(...pointers, out.pointer, total, inner, ...innerStrides, rank, ...axes);
      engine.run('select', { parts: engine.partsFor(total * 0.5) });
      return out;
    },

    cast(x, dtype) {
      if (x.dtype === dtype) return heap.view(x.handle);
      return unary(dtype === 'i32' ? 'castToI32' : 'castToF32', x, dtype, 0.3);
    },
  };
}
