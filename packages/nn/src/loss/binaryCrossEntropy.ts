import {
  abs,
  add,
  equal,
  exp,
  isReadable,
  log1p,
  maximum,
  minimum,
  mul,
  neg,
  requireShares,
  scope,
  select,
  sub,
  sum,
  type Tensor,
} from '@tempograd/core';
import { checkOptions } from '@tempograd/core/backend';
import { requireSameShape } from './requireSameShape.js';
import { maskLike, maskTable, type MaskOptions } from './valid.js';

/**
 * Binary cross-entropy of logits in nats, SUMMED over the elements that count: logits x and targets y in [0, 1] of one shape.
 *
 * `Σ −y·log σ(x) − (1−y)·log(1 − σ(x))`, computed as `max(x, 0) − x·y + log(1 + e^−|x|)`, which overflows for no x.
 * An element left out adds exactly 0 to loss and gradient, also where it is NaN. Divide by `countElements` in `normalise`.
 * @throws ShapeError when the shapes differ; ArgumentError naming place and value of a target outside [0, 1], where targets can be read
 * at once, and elsewhere the loss is NaN.
 */
export function binaryCrossEntropy(logits: Tensor, targets: Tensor, options: MaskOptions = {}): Tensor {
  checkOptions('binaryCrossEntropy', options, maskTable);
  const { mask } = options;
  requireSameShape('binaryCrossEntropy', logits, targets);
  return scope(() => {
    const counts = mask ? maskLike('binaryCrossEntropy', mask, logits) : null;
    requireShares(targets, { op: 'binaryCrossEntropy', what: 'target' }, mask ?? null);
    return sumWhere(counts, logits, targets);
  });
}

/** `binaryCrossEntropy` of logits and targets that were found to fit. */
export function summedBinaryCrossEntropy(logits: Tensor, targets: Tensor, { mask }: MaskOptions): Tensor {
  return scope(() => sumWhere(mask ? maskLike('binaryCrossEntropy', mask, logits) : null, logits, targets));
}

/** The sum over the elements that count, or over all. */
function sumWhere(counts: Tensor | null, logits: Tensor, targets: Tensor): Tensor {
  if (counts === null) return sum(eachBinaryCrossEntropy(logits, shares(targets)));
  const each = eachBinaryCrossEntropy(select(counts, logits, 0), shares(select(counts, targets, 0)));
  return sum(select(counts, each, 0));
}

/** Targets, and NaN where one is outside [0, 1] and nobody could see it before: what makes a loss NaN is told by `fit`. */
function shares(targets: Tensor): Tensor {
  if (isReadable(targets)) return targets;
  return select(equal(minimum(maximum(targets, 0), 1), targets), targets, NaN);
}

/** `maximum` shares its gradient at 0 half and half, which is the sigmoid's value there; `relu` would give 0. */
function eachBinaryCrossEntropy(x: Tensor, y: Tensor): Tensor {
  return add(sub(maximum(x, 0), mul(x, y)), log1p(exp(neg(abs(x)))));
}
