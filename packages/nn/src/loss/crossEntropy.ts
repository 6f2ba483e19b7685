import {
  ArgumentError,
  fromArray,
  gather,
  maximum,
  mul,
  requireTensor,
  scope,
  softmaxCrossEntropy,
  sum,
  summedSoftmaxCrossEntropy,
  type Tensor,
} from '@tempograd/core';
import { checkOptions, formatShape, optionTable, sameShape, ShapeError } from '@tempograd/core/backend';
import { requireClasses } from './requireClasses.js';
import { maskKinds, withoutIgnored, type MaskOptions } from './valid.js';

/** Which class targets count, and how they are read. */
export interface CrossEntropyOptions extends MaskOptions {
  /** A class that is not counted, such as padding. Negative targets are never counted, whatever this is. */
  readonly ignoreIndex?: number;
  /** s in [0, 1): the share of the target that is spread evenly over all classes; default is 0. */
  readonly labelSmoothing?: number;
  /** One number ≥ 0 for each class: the whole loss of an item is multiplied by that of its class. Default is 1 for all. */
  readonly classWeights?: ArrayLike<number>;
}

const crossEntropyTable = optionTable<CrossEntropyOptions>({
  ...maskKinds,
  ignoreIndex: 'number',
  labelSmoothing: 'number',
  classWeights: 'array',
});

/**
 * Softmax cross-entropy in nats, SUMMED over the items that count: logits `[…, classes]`, targets i32 `[…]`, for example
 * `[time, batch, classes]` and `[time, batch]`.
 *
 * `Σ (1−s)·(lse(x) − x_y) + s·(lse(x) − mean x)` with label smoothing s. An item left out adds exactly 0 to loss and gradient,
 * also where its logits are NaN. Divide by `countTargets` in `normalise`, with class weights too.
 * @throws ShapeError, DTypeError, ArgumentError when arguments do not fit; naming step, row and value of a target that is no class,
 * where targets can be read at once, and elsewhere the loss is NaN.
 */
export function crossEntropy(logits: Tensor, targets: Tensor, options: CrossEntropyOptions = {}): Tensor {
  checkOptions('crossEntropy', options, crossEntropyTable);
  requireTensor('crossEntropy', 'logits', logits);
  requireTensor('crossEntropy', 'targets', targets);
  if (logits.rank < 1 || !sameShape(targets.shape, logits.shape.slice(0, -1))) {
    throw new ShapeError(
      `crossEntropy: logits ${formatShape(logits.shape)} and targets ${formatShape(targets.shape)} do not fit; ` +
        'wanted […, classes] and […], such as [time, batch, classes] and [time, batch].',
    );
  }
  const classes = logits.shape.at(-1) as number;
  const { classWeights } = options;
  if (classWeights !== undefined && classWeights.length !== classes) {
    throw new ArgumentError(
      `crossEntropy: classWeights has ${classWeights.length} numbers, but there are ${classes} classes; give one for each.`,
    );
  }
  requireClasses('crossEntropy', targets, classes, options);
  return summedCrossEntropy(logits, targets, options);
}

/** `crossEntropy` of arguments that were found to fit. */
export function summedCrossEntropy(logits: Tensor, targets: Tensor, options: CrossEntropyOptions): Tensor {
  const { classWeights, labelSmoothing = 0 } = options;
  return scope(() => {
    const valid = withoutIgnored(targets, options);
    if (classWeights === undefined) return summedSoftmaxCrossEntropy(logits, valid, labelSmoothing);
    const each = softmaxCrossEntropy(logits, valid, labelSmoothing);
    const weights = fromArray(classWeights, [classWeights.length], { dtype: logits.dtype, backend: logits.backend });
    return sum(mul(each, gather(weights, maximum(valid, 0))));
  });
}
