import {
  broadcastShapes,
  broadcastStrides,
  noIntegers,
  operandsDType,
  operandShape,
  sameShape,
  sizeOf,
} from '@tempograd/core/backend';
import type { Backend, BinaryOp, CompareOp, DType, OperandOrNumber } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import { joinAxes } from '../layout/joinAxes.js';
import type { Axis } from '../layout/joinAxes.js';
import { runWalk } from '../layout/runWalk.js';
import type { WalkProgram } from '../layout/runWalk.js';
import { storageOf } from '../memory/Handle.js';
import type { Handle, PooledBuffer } from '../memory/Handle.js';
import binaryCode from './binary.wgsl.js';
import compareCode from './compare.wgsl.js';
import powCode from './pow.wgsl.js';
import selectCode from './select.wgsl.js';

type XOrNumber = OperandOrNumber<Handle>;

const bindings = ['read', 'read', 'write'] as const;
export const binaryKernel: Kernel = { name: 'binary', code: binaryCode, bindings };
export const powKernel: Kernel = { name: 'pow', code: powCode, bindings };
export const compareKernel: Kernel = { name: 'compare', code: compareCode, bindings };
export const selectKernel: Kernel = { name: 'select', code: selectCode, bindings: ['read', ...bindings] };

/** Functions in binary.wgsl, in its order. */
const floatOps = ['add', 'sub', 'mul', 'div', 'maximum', 'minimum'] as const;
const integerOps = ['add', 'sub', 'mul', 'maximum', 'minimum'] as const;
/** Functions in compare.wgsl, in its order. */
const compareOps = ['equal', 'less', 'lessEqual'] as const;

type Programs = Readonly<Partial<Record<BinaryOp | CompareOp, WalkProgram>>>;

const programs: Readonly<Record<'f32' | 'i32', Programs>> = {
  f32: {
    ...numbered(binaryKernel, floatOps, 'F32', (OP) => ({ OP })),
    ...numbered(compareKernel, compareOps, 'F32', (OP) => ({ OP })),
    pow: { kernel: powKernel, key: '', variant: null },
  },
  i32: {
    ...numbered(binaryKernel, integerOps, 'I32', (place) => ({ OP: floatOps.length + place })),
    ...numbered(compareKernel, compareOps, 'I32', (OP) => ({ OP, FLOAT: 0 })),
  },
};

function numbered(
  kernel: Kernel,
  ops: readonly (BinaryOp | CompareOp)[],
  suffix: string,
  constants: (place: number) => Record<string, number>,
): Programs {
  return Object.fromEntries(
    ops.map((op, place) => {
      const variant = { constants: constants(place) };
      return [op, { kernel, key: `${op}${suffix}`, variant: () => variant }];
    }),
  );
}

const selectProgram: WalkProgram = { kernel: selectKernel, key: '', variant: null };

/** Elementwise ops of two and three operands, broadcast together. */
export function pairOps(gpu: Gpu): Pick<Backend<Handle>, 'binary' | 'compare' | 'select'> {
  function pair(op: BinaryOp | CompareOp, a: XOrNumber, b: XOrNumber, result: DType | null): Handle {
    const dtype = operandsDType(a, b);
    const program = programs[dtype as 'f32' | 'i32'][op];
    if (program === undefined) throw noIntegers(op);
    const [shapeA, shapeB] = [operandShape(a), operandShape(b)];
    const same = sameShape(shapeA, shapeB);
    const shape = same ? shapeA : broadcastShapes(shapeA, shapeB, op);
    const out = gpu.allocate(shape, result ?? dtype);
    const size = sizeOf(shape);
    if (size === 0) return out;
    const axes: Axis[] = same
      ? [[size, 1, 1, 0]]
      : joinAxes(shape, broadcastStrides(shapeA, shape), broadcastStrides(shapeB, shape));
    const walk = {
      axes,
      starts: [startOf(a), startOf(b), 0, 0] as const,
      numbers: (typeof a === 'number' ? 1 : 0) + (typeof b === 'number' ? 2 : 0),
      values: [valueOf(a), valueOf(b), 0] as const,
      integers: dtype === 'i32',
    };
    const either = storageOf((typeof a === 'number' ? (b as Exclude<XOrNumber, number>) : a).handle).buffer;
    runWalk(gpu, program, walk, [bufferOf(a, either), bufferOf(b, either), storageOf(out).buffer]);
    return out;
  }

  return {
    binary: (op, a, b) => pair(op, a, b, null),

    compare: (op, a, b) => pair(op, a, b, 'i32'),

    select(condition, a, b) {
      const dtype = operandsDType(a, b);
      const [shapeA, shapeB] = [operandShape(a), operandShape(b)];
      const shape = broadcastShapes(condition.shape, broadcastShapes(shapeA, shapeB, 'select'), 'select');
      const out = gpu.allocate(shape, dtype);
      if (sizeOf(shape) === 0) return out;
      const [ofC, ofA, ofB] = [condition.shape, shapeA, shapeB].map((x) => broadcastStrides(x, shape));
      const walk = {
        axes: joinAxes(shape, ofC as number[], ofA, ofB),
        starts: [condition.handle.offset, startOf(a), startOf(b), 0] as const,
        numbers: (typeof a === 'number' ? 2 : 0) + (typeof b === 'number' ? 4 : 0),
        values: [0, valueOf(a), valueOf(b)] as const,
        integers: dtype === 'i32',
      };
      const { buffer } = storageOf(condition.handle);
      const buffers = [buffer, bufferOf(a, buffer), bufferOf(b, buffer), storageOf(out).buffer];
      runWalk(gpu, selectProgram, walk, buffers);
      return out;
    },
  };
}

function startOf(x: XOrNumber): number {
  return typeof x === 'number' ? 0 : x.handle.offset;
}

function valueOf(x: XOrNumber): number {
  return typeof x === 'number' ? x : 0;
}

/** The buffer of a tensor; for a number any will do. */
function bufferOf(x: XOrNumber, other: PooledBuffer): PooledBuffer {
  return typeof x === 'number' ? other : storageOf(x.handle).buffer;
}
