import { ArgumentError, checkOptions, optionTable, type DType } from '../../backend/index.js';
import { dtypes } from '../../backend/index.js';
import { describe } from '../../backend/optionErrors.js';
import { scope } from '../scope.js';
import type { Tensor } from '../Tensor.js';
import { cast, equal } from './elementwise.js';
import { unsqueeze } from './arrange.js';
import { requireStored } from './checks.js';
import { requireInside } from './inside.js';
import { requireDType } from './operands.js';
import { arange } from './ranges.js';

/** As what to make it. */
export interface OneHotOptions {
  /** Default is f32. */
  readonly dtype?: DType;
}

const oneHotTable = optionTable<OneHotOptions>({ dtype: dtypes });

/**
 * Class numbers, i32 `[…]`, as vectors `[…, classes]` with 1 at the class and 0 elsewhere. It has no gradient.
 * @throws ArgumentError where a number is not one of the classes and values can be read at once; elsewhere its vector is all zeros.
 */
export function oneHot(indices: Tensor, classes: number, options: OneHotOptions = {}): Tensor {
  checkOptions('oneHot', options, oneHotTable);
  requireDType('oneHot', 'the argument', indices, 'i32');
  const { dtype = 'f32' } = options;
  requireStored('oneHot', dtype, indices.backend);
  if (!Number.isSafeInteger(classes) || classes < 0) {
    throw new ArgumentError(`oneHot: classes must be a whole number ≥ 0, but is ${describe(classes)}.`);
  }
  requireInside(indices, classes, { op: 'oneHot', what: 'class', of: 'classes' });
  return scope(() => cast(equal(unsqueeze(indices, -1), arange(0, classes, { backend: indices.backend })), dtype));
}
