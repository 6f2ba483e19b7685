import { noIntegers, sizeOf } from '@tempograd/core/backend';
import type { Backend, DType, Operand, UnaryOp } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel, Variant } from '../engine/Kernel.js';
import { storageOf } from '../memory/Handle.js';
import type { Handle } from '../memory/Handle.js';
import expCode from './exp.wgsl.js';
import gatesCode from './gates.wgsl.js';
import logCode from './log.wgsl.js';
import basicCode from './basic.wgsl.js';
import trigCode from './trig.wgsl.js';

const bindings = ['read', 'write'] as const;
export const basicKernel: Kernel = { name: 'basic', code: basicCode, bindings };
export const expKernel: Kernel = { name: 'exp', code: expCode, bindings };
export const gatesKernel: Kernel = { name: 'gates', code: gatesCode, bindings };
export const logKernel: Kernel = { name: 'log', code: logCode, bindings };
export const trigKernel: Kernel = { name: 'trig', code: trigCode, bindings };

interface Program {
  readonly kernel: Kernel;
  readonly key: string;
  readonly variant: (() => Variant) | null;
}

function numbered<Op extends string>(kernel: Kernel, ops: readonly Op[]): Record<Op, Program> {
  const programs = ops.map((key, OP) => [key, { kernel, key, variant: () => ({ constants: { OP } }) }]);
  return Object.fromEntries(programs) as Record<Op, Program>;
}

/** Functions of each kernel, in its order. */
const basic = numbered(basicKernel, [
  'neg', 'abs', 'sign', 'relu', 'floor', 'sqrt', 'castToI32', 'castToF32', 'negI32', 'absI32', 'signI32', 'reluI32',
]); // prettier-ignore

const floatPrograms: Readonly<Record<UnaryOp, Program>> = {
  ...basic,
  exp: { kernel: expKernel, key: '', variant: null },
  ...numbered(gatesKernel, ['sigmoid', 'tanh']),
  ...numbered(logKernel, ['log', 'log1p']),
  ...numbered(trigKernel, ['sin', 'cos']),
};

const integerPrograms: Readonly<Partial<Record<UnaryOp, Program>>> = {
  neg: basic.negI32,
  abs: basic.absI32,
  sign: basic.signI32,
  relu: basic.reluI32,
};

/** Elements of a workgroup, whose threads do four each. */
const groupSize = 1024;

/** Elementwise ops of one operand. */
export function unaryOps(gpu: Gpu): Pick<Backend<Handle>, 'unary' | 'cast'> {
  function map({ kernel, key, variant }: Program, x: Operand<Handle>, dtype: DType): Handle {
    const out = gpu.allocate(x.shape, dtype);
    const size = sizeOf(x.shape);
    if (size === 0) return out;
    gpu.begin().ints(size, x.handle.offset);
    gpu.runLinear(kernel, key, variant, [gpu.buffer(x), storageOf(out).buffer], Math.ceil(size / groupSize));
    return out;
  }

  return {
    unary(op, x) {
      const program = x.dtype === 'i32' ? integerPrograms[op] : floatPrograms[op];
      if (program === undefined) throw noIntegers(op);
      return map(program, x, x.dtype);
    },

    cast(x, dtype) {
      if (x.dtype === dtype) return gpu.heap.view(x.handle);
      return map(dtype === 'i32' ? basic.castToI32 : basic.castToF32, x, dtype);
    },
  };
}
