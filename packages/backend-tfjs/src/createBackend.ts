import {
  BackendError,
  checkOptions,
  optionTable,
  specificationVersion,
  type Backend,
  type OperandOrNumber,
  type TypedArray,
} from '@tempograd/core/backend';
import { binary, cast, compare, select, unary } from './ops/elementwise.js';
import { broadcast, concat, flip, reshape, transpose } from './ops/layout.js';
import { matmul } from './ops/matmul.js';
import { max, sum } from './ops/reduce.js';
import { gather, scatterAdd } from './ops/rows.js';
import { slice } from './ops/slice.js';
import { quirksOf, slownessOf } from './quirks.js';
import { Runner, tfjsType, type TfjsOperand } from './Runner.js';
import type { TfjsCore, TfjsTensor } from './TfjsCore.js';

const adapters = new WeakSet<Backend>();

/** Whether a backend is an adapter over tfjs, so that its handles are tfjs tensors. */
export function isTfjsBackend(backend: Backend): backend is TfjsBackend {
  return adapters.has(backend);
}

/** Settings of the adapter. */
export interface TfjsBackendOptions {
  /**
   * Default is false: a device that computes in half precision, as WebGL does on some phones, is refused, because small
   * gradients vanish there. If true it is taken as it is.
   */
  readonly allowHalfPrecision?: boolean;
}

/** A backend over tfjs: its handles are tfjs tensors. */
export interface TfjsBackend extends Backend<TfjsTensor> {
  /** The tfjs that it runs on. */
  readonly tf: TfjsCore;
  /** A new handle on the storage of a tfjs tensor, which stays the caller's; booleans become i32 in storage of their own. */
  adopt(tensor: TfjsTensor): TfjsTensor;
}

const backendTable = optionTable<TfjsBackendOptions>({ allowHalfPrecision: 'boolean' });

/**
 * Makes a backend over the user's TensorFlow.js, on the tfjs backend that is active now: `tfjs-cpu`, `tfjs-wasm`, `tfjs-webgl` …
 *
 * The caller keeps tfjs: the adapter changes no flag of it and leaves its other tensors alone. When another tfjs backend is
 * made active later, ops of this one throw until it is active again.
 * @throws BackendError when no tfjs backend is ready, or when it computes in half precision.
 */
export function createBackend(tf: TfjsCore, options: TfjsBackendOptions = {}): TfjsBackend {
  checkOptions('createBackend', options, backendTable);
  const { allowHalfPrecision = false } = options;
  const device = activeDevice(tf);
  const quirks = quirksOf(device);
  const slow = slownessOf(device);
  const syncRead = !quirks.noSyncRead;
  const halfPrecision = syncRead && hasHalfPrecision(tf);
  if (halfPrecision && !allowHalfPrecision) {
    throw new BackendError(
      `tfjs-${device}: this device computes in half precision, in which small gradients vanish. ` +
        "Choose another backend with tf.setBackend('wasm'), or pass { allowHalfPrecision: true }.",
    );
  }
  const runner = new Runner(tf, device);
  const run = runner.run.bind(runner);
  const at = runner.tensor.bind(runner);
  /** An operand, or a number as a scalar of the other operand's type. */
  const beside = (x: OperandOrNumber<TfjsTensor>, other: OperandOrNumber<TfjsTensor>): TfjsTensor =>
    typeof x === 'number' ? tf.scalar(x, tfjsType((other as TfjsOperand).dtype)) : at(x);
  const backend: TfjsBackend = {
    specificationVersion,
    name: `tfjs-${device}`,
    capabilities: { dtypes: ['f32', 'i32'], syncRead },
    info: {
      tfjs: tf.version_core,
      device,
      halfPrecision,
      scatterAdd: 'scatterND, because unsortedSegmentSum is missing on wasm and slow on cpu',
      ownWays: Object.entries(quirks)
        .flatMap(([quirk, there]) => (there ? quirk : []))
        .join(', '),
      gather: 'indices outside are kept from tfjs, which treats them differently on each device',
    },
    tf,
    adopt: (tensor) => run(() => (tensor.dtype === 'bool' ? tf.cast(tensor, 'int32') : tf.clone(tensor))),

    // tfjs may keep the array it is given, and hand out the one it keeps.
    write: (data, shape, dtype) => run(() => tf.tensor(data.slice(), [...shape], tfjsType(dtype))),
    read: async (x) => ownCopy(await at(x).data<'float32' | 'int32'>()),
    ...(syncRead && { readSync: (x) => ownCopy(at(x).dataSync<'float32' | 'int32'>()) }),
    release: (handle) => runner.release(handle),
    memory: () => runner.info(),
    resetPeak: () => runner.resetPeak(),
    dispose: () => runner.dispose(),

    unary: (op, x) => run(() => unary(tf, quirks, op, at(x))),
    binary: (op, a, b) => run(() => binary(tf, quirks, op, beside(a, b), beside(b, a))),
    compare: (op, a, b) => run(() => compare(tf, op, beside(a, b), beside(b, a))),
    select: (condition, a, b) => run(() => select(tf, slow, at(condition), beside(a, b), beside(b, a))),

    matmul: (a, b, transposeA, transposeB) => run(() => matmul(tf, slow, at(a), at(b), transposeA, transposeB)),
    sum: (x, axes) => run(() => sum(tf, quirks, at(x), axes)),
    max: (x, axes) => run(() => max(tf, quirks, at(x), axes)),

    reshape: (x, shape) => run(() => reshape(tf, at(x), shape)),
    transpose: (x, permutation) => run(() => transpose(tf, quirks, at(x), permutation)),
    broadcast: (x, shape) => run(() => broadcast(tf, slow, at(x), shape)),
    slice: (x, begin, size) => run(() => slice(tf, slow, at(x), begin, size)),
    concat: (xs, axis) => run(() => concat(tf, xs.map(at), axis)),
    flip: (x, axes) => run(() => flip(tf, at(x), axes)),
    gather: (x, indices) => run(() => gather(tf, slow, at(x), at(indices))),
    scatterAdd: (indices, updates, rows) => run(() => scatterAdd(tf, slow, at(indices), at(updates), rows)),
    cast: (x, dtype) => run(() => cast(tf, quirks, at(x), dtype)),
    fill: (shape, value, dtype) => run(() => tf.fill([...shape], value, tfjsType(dtype))),
  };
  adapters.add(backend);
  return backend;
}

function ownCopy(values: Float32Array | Int32Array): TypedArray {
  return values.slice();
}

/** The name of tfjs's active backend; starts it where that can be done at once. */
function activeDevice(tf: TfjsCore): string {
  try {
    tf.backend();
    return tf.getBackend();
  } catch (cause) {
    throw new BackendError(
      'tfjs has no backend that is ready. Import one, as @tensorflow/tfjs-backend-webgl, and `await tf.ready()` before tfjs(tf).',
      { cause },
    );
  }
}

/**
 * Whether the device rounds to half precision, found by trying it: tfjs's own `floatPrecision()` says 16 on WebGL devices that
 * compute in 32 bits. A thousand elements, because tfjs computes fewer of them on the CPU.
 */
function hasHalfPrecision(tf: TfjsCore): boolean {
  return tf.tidy(() => tf.add(tf.fill([1000], 1), 2 ** -12).dataSync()[0] === 1);
}
