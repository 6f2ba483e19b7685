import { checkOptions, optionTable, specificationVersion, type Backend } from '@tempograd/core/backend';
import { globalNorm } from './fused/globalNorm.js';
import { linearBackward, linearForward } from './fused/linear.js';
import { adamSteps, rmspropSteps, sgdSteps } from './fused/optimisers.js';
import { recurrentBackward } from './fused/recurrent/recurrentBackward.js';
import { recurrentForward } from './fused/recurrent/recurrentForward.js';
import { softmaxCrossEntropy } from './fused/softmaxCrossEntropy.js';
import { Memory, type JsHandle } from './memory.js';
import { binary } from './ops/binary.js';
import { compare, select } from './ops/compareSelect.js';
import { cast, fill, write } from './ops/create.js';
import { gather, scatterAdd } from './ops/gatherScatter.js';
import { broadcast, concat, flip, reshape, slice, transpose } from './ops/layout.js';
import { matmul } from './ops/matmul.js';
import { max, sum } from './ops/reduce.js';
import { unary } from './ops/unary.js';
import { Workspace } from './workspace.js';

/** Settings of the reference backend. */
export interface JsBackendOptions {
  /**
   * Default is false. If true, new storage holds NaN (i32: a large negative number) until an op writes it, so that a test
   * sees an op which leaves some elements of its result unwritten.
   */
  readonly poison?: boolean;
}

const backendTable = optionTable<JsBackendOptions>({ poison: 'boolean' });

/**
 * Makes the reference backend, named `js`: plain loops over typed arrays, on one thread, in f32, f64 and i32.
 *
 * Every op has finished when its call returns. Each backend has its own memory: handles do not pass from one to another.
 */
export function createBackend(options: JsBackendOptions = {}): Backend<JsHandle> {
  checkOptions('createBackend', options, backendTable);
  const { poison = false } = options;
  const memory = new Memory(poison);
  const workspace = new Workspace();
  return {
    specificationVersion,
    name: 'js',
    capabilities: { dtypes: ['f32', 'f64', 'i32'], syncRead: true, views: true },
    info: { threads: 1, poison },

    write: (data, shape, dtype) => write(memory, data, shape, dtype),
    read: async (x) => memory.data(x).slice(),
    readSync: (x) => memory.data(x).slice(),
    release: (handle) => memory.release(handle),
    memory: () => memory.info(),
    resetPeak: () => memory.resetPeak(),
    dispose() {
      memory.dispose();
      workspace.clear();
    },

    unary: (op, x) => unary(memory, op, x),
    binary: (op, a, b) => binary(memory, op, a, b),
    compare: (op, a, b) => compare(memory, op, a, b),
    select: (condition, a, b) => select(memory, condition, a, b),

    matmul: (a, b, transposeA, transposeB) => matmul(memory, workspace, a, b, transposeA, transposeB),
    sum: (x, axes) => sum(memory, x, axes),
    max: (x, axes) => max(memory, x, axes),

    reshape: (x) => reshape(memory, x),
    transpose: (x, permutation) => transpose(memory, x, permutation),
    broadcast: (x, shape) => broadcast(memory, x, shape),
    slice: (x, begin, size) => slice(memory, x, begin, size),
    concat: (xs, axis) => concat(memory, xs, axis),
    flip: (x, axes) => flip(memory, x, axes),
    gather: (x, indices) => gather(memory, x, indices),
    scatterAdd: (indices, updates, rows) => scatterAdd(memory, indices, updates, rows),
    cast: (x, dtype) => cast(memory, x, dtype),
    fill: (shape, value, dtype) => fill(memory, shape, value, dtype),

    recurrentForward: (args, save) => memory.allOrNothing(() => recurrentForward(memory, workspace, args, save)),
    recurrentBackward: (args) => memory.allOrNothing(() => recurrentBackward(memory, workspace, args)),
    linearForward: (x, weight, bias) => linearForward(memory, workspace, x, weight, bias),
    linearBackward: (x, weight, cotangent, wants) =>
      memory.allOrNothing(() => linearBackward(memory, workspace, x, weight, cotangent, wants)),
    softmaxCrossEntropy: (logits, targets, smoothing, wantGradient) =>
      memory.allOrNothing(() => softmaxCrossEntropy(memory, logits, targets, smoothing, wantGradient)),
    adamSteps: (...args) => adamSteps(memory, ...args),
    sgdSteps: (...args) => sgdSteps(memory, ...args),
    rmspropSteps: (...args) => rmspropSteps(memory, ...args),
    globalNorm: (xs) => globalNorm(memory, xs),
  };
}
