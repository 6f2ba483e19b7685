import {
  broadcastTo,
  cast,
  equal,
  isReadable,
  less,
  reshape,
  scalar,
  scope,
  select,
  sub,
  sum,
  type DType,
  type FloatDType,
  type Tensor,
} from '@tempograd/core';
import {
  checkOptions,
  formatShape,
  optionTable,
  sameShape,
  ShapeError,
  type OptionKinds,
  type OptionTable,
} from '@tempograd/core/backend';

/** Which items of a loss count. */
export interface MaskOptions {
  /** i32, shaped like the leading axes of the targets, `[time, batch]` as a rule; an item where it is 0 adds nothing, whatever its values. */
  readonly mask?: Tensor | null;
}

/** Kinds of `MaskOptions`. */
export const maskKinds: OptionKinds<MaskOptions> = { mask: 'tensor or null' };
/** The options of losses that take a mask alone. */
export const maskTable: OptionTable = optionTable<MaskOptions>(maskKinds);

type CountOptions = MaskOptions & { readonly ignoreIndex?: number };
const countTable = optionTable<CountOptions>({ ...maskKinds, ignoreIndex: 'number' });

/** The mask with axes of length 1 added, so that it broadcasts over all axes of `x`. */
export function maskLike(op: string, mask: Tensor, x: Tensor): Tensor {
  if (mask.rank > x.rank || !sameShape(mask.shape, x.shape.slice(0, mask.rank))) {
    throw new ShapeError(
      `${op}: the mask ${formatShape(mask.shape)} must be shaped like the leading axes of ${formatShape(x.shape)}, such as [time, batch].`,
    );
  }
  return reshape(mask, [...mask.shape, ...x.shape.slice(mask.rank).map(() => 1)]);
}

/** Targets with every item that does not count made −1, which the softmax cross-entropy leaves out. */
export function withoutIgnored(targets: Tensor, { mask, ignoreIndex }: CountOptions): Tensor {
  const known =
    ignoreIndex === undefined || ignoreIndex < 0 ? targets : select(equal(targets, ignoreIndex), -1, targets);
  return mask ? select(maskLike('crossEntropy', mask, targets), known, -1) : known;
}

/** How many class targets count: those not masked, not `ignoreIndex` and not negative; a scalar. */
export function countTargets(targets: Tensor, options: CountOptions = {}, dtype: DType = 'f32'): Tensor {
  checkOptions('countTargets', options, countTable);
  return scope(() => {
    const counted = withoutIgnored(targets, options);
    if (!isReadable(counted)) return sum(cast(less(-1, counted), dtype));
    let count = 0;
    for (const target of counted.readSync()) if (target > -1) count++;
    return scalar(count, { dtype: dtype as FloatDType, backend: counted.backend });
  });
}

/** How many elements of `x` count: all of them, or those not masked; a scalar. */
export function countElements(x: Tensor, options: MaskOptions = {}, dtype: DType = 'f32'): Tensor {
  checkOptions('countElements', options, maskTable);
  const { mask } = options;
  if (!mask) return scalar(x.size, { dtype, backend: x.backend });
  return scope(() => {
    const masked = sum(broadcastTo(cast(equal(maskLike('countElements', mask, x), 0), dtype), x.shape));
    return sub(x.size, masked);
  });
}
