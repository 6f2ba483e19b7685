import { ArgumentError, formatShape, sameShape, ShapeError } from '../../backend/index.js';
import { applyFused, present } from '../applyFused.js';
import { newTensor } from '../bind.js';
import type { FusedOp } from '../FusedOp.js';
import {
  add,
  equal,
  exp,
  fromArray,
  less,
  lessEqual,
  log,
  max,
  mean,
  mul,
  reshape,
  select,
  sub,
  sum,
} from '../ops/index.js';
import { requireTensor } from '../ops/checks.js';
import { alias, scope } from '../scope.js';
import { constantOf, type ArrayTensor, type Tensor } from '../Tensor.js';

interface Attributes {
  readonly labelSmoothing: number;
}

interface Inputs {
  readonly logits: Tensor;
  readonly targets: Tensor;
}

const fusedSoftmaxCrossEntropy: FusedOp<Inputs, Attributes> = {
  family: 'softmaxCrossEntropy',
  kinds: { logits: 'float', targets: 'i32' },
  forward(backend, { logits, targets }, { labelSmoothing }, save) {
    const { loss, gradient } = present(backend.softmaxCrossEntropy).call(
      backend,
      logits,
      targets,
      labelSmoothing,
      save,
    );
    const { dtype, shape } = logits;
    return {
      outputs: [newTensor(backend, loss, targets.shape, dtype)],
      saved: gradient === null ? [] : [newTensor(backend, gradient, shape, dtype)],
    };
  },
  backward(_backend, { saved: [gradient], cotangents: [cotangent] }) {
    const { shape } = cotangent as Tensor;
    return { logits: mul(gradient as Tensor, reshape(cotangent as Tensor, [...shape, 1])) };
  },
  composed({ logits: rows, targets: each }, { labelSmoothing }) {
    const classes = rows.shape.at(-1) as number;
    const [given, targets] = [reshape(rows, [each.size, classes]), reshape(each, [each.size])];
    const ignored = less(targets, 0);
    const outside = lessEqual(classes, targets);
    // NaN is added, not chosen, so that it reaches the gradient of its row too.
    const none = fromArray([0], [1, 1], { dtype: given.dtype, backend: given.backend });
    const spoilt = add(given, select(reshape(outside, [-1, 1]), NaN, none));
    // An ignored row may hold anything: 0 · NaN would reach the gradient.
    const logits = select(reshape(ignored, [-1, 1]), 0, spoilt);
    const shifted = sub(logits, max(alias(constantOf(logits)), { axes: 1, keepAxes: true }));
    const logSumExp = log(sum(exp(shifted), { axes: 1 }));
    const classNumbers = fromArray(
      Int32Array.from({ length: classes }, (_, index) => index),
      [1, classes],
      {
        dtype: 'i32',
        backend: logits.backend,
      },
    );
    const isTarget = equal(reshape(targets, [-1, 1]), classNumbers);
    const atTarget = sum(select(isTarget, shifted, 0), { axes: 1 });
    const smooth =
      labelSmoothing === 0
        ? atTarget
        : add(mul(atTarget, 1 - labelSmoothing), mul(mean(shifted, { axes: 1 }), labelSmoothing));
    return [reshape(select(ignored, 0, sub(logSumExp, smooth)), each.shape)];
  },
};

/** The same, summed over all rows: one gradient less on the way back, which is that of the sum. */
const fusedSummed: FusedOp<Inputs, Attributes> = {
  family: 'softmaxCrossEntropy',
  kinds: fusedSoftmaxCrossEntropy.kinds,
  forward(...call) {
    const { outputs, saved } = fusedSoftmaxCrossEntropy.forward(...call);
    return { outputs: [sum(outputs[0] as Tensor) as ArrayTensor], saved };
  },
  backward: (_backend, { saved: [gradient], cotangents: [cotangent] }) => ({
    logits: mul(gradient as Tensor, cotangent as Tensor),
  }),
  composed: (...call) => [sum(fusedSoftmaxCrossEntropy.composed(...call)[0] as Tensor)],
};

/**
 * Softmax cross-entropy of each row: logits `[…, C]`, targets i32 `[…]` → `[…]`, in nats:
 * `(1−s)·(lse − x_y) + s·(lse − mean x)` with label smoothing s. A row with a negative target is ignored: loss 0, gradient 0; a target ≥ C gives NaN, in the whole row of the gradient too.
 * @throws ShapeError, DTypeError, ArgumentError when arguments do not fit.
 */
export function softmaxCrossEntropy(logits: Tensor, targets: Tensor, labelSmoothing = 0): Tensor {
  requireFitting('softmaxCrossEntropy', logits, targets, labelSmoothing);
  return scope(() => applyFused(fusedSoftmaxCrossEntropy, { logits, targets }, { labelSmoothing })[0] as Tensor);
}

/** `sum(softmaxCrossEntropy(…))`, a scalar, in one op. Errors as for that. */
export function summedSoftmaxCrossEntropy(logits: Tensor, targets: Tensor, labelSmoothing = 0): Tensor {
  requireFitting('summedSoftmaxCrossEntropy', logits, targets, labelSmoothing);
  return scope(() => applyFused(fusedSummed, { logits, targets }, { labelSmoothing })[0] as Tensor);
}

function requireFitting(op: string, logits: Tensor, targets: Tensor, labelSmoothing: number): void {
  requireTensor(op, 'logits', logits);
  requireTensor(op, 'targets', targets);
  if (logits.rank === 0 || logits.shape.at(-1) === 0 || !sameShape(targets.shape, logits.shape.slice(0, -1))) {
    throw new ShapeError(
      `${op}: logits ${formatShape(logits.shape)} and targets ${formatShape(targets.shape)} do not fit; wanted […, classes] with at least one class, and […].`,
    );
  }
  if (typeof labelSmoothing !== 'number' || !(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new ArgumentError(`${op}: label smoothing ${labelSmoothing} is no number in [0, 1).`);
  }
}
