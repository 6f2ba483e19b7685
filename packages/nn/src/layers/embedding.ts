import {
  ArgumentError,
  equal,
  gather,
  requireTensor,
  reshape,
  scope,
  select,
  stopGradient,
  type Key,
  type Tensor,
} from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import { normalInit, type Initialiser } from '../init/index.js';
import { requireItems } from './requireItems.js';
import { initTable, parameter, requireSizes, type InitOptions } from './parameter.js';

/** Parameters of an embedding, with PyTorch's name. */
export interface EmbeddingParams {
  /** One row per item of the vocabulary, `[vocabulary, size]`. */
  readonly weight: Tensor;
}

/** Sizes and starting values of an embedding. */
export interface EmbeddingOptions {
  /** How many different items there are. */
  readonly vocabulary: number;
  /** Length of the vector that stands for an item. */
  readonly size: number;
  /** An item whose row gets no gradient and starts as zeros; default is none. */
  readonly paddingIndex?: number;
  /** Default is PyTorch's `N(0, 1)`. */
  readonly init?: Initialiser;
}

/** A table of vectors, looked up by number. */
export interface EmbeddingLayer {
  /** New parameters: a table `[vocabulary, size]`. */
  init(key: Key, options?: InitOptions): EmbeddingParams;
  /**
   * i32 `[…]` → `[…, size]`.
   * @throws ArgumentError naming a number that is not in the vocabulary, where numbers can be read at once; elsewhere it gives NaN.
   */
  apply(params: EmbeddingParams, indices: Tensor, options?: EmbeddingApplyOptions): Tensor;
}

/** What of the numbers counts. */
export interface EmbeddingApplyOptions {
  /** i32, of the indices' leading axes: where it is 0, any number may stand, and what comes of it is not to be used. Default is none. */
  readonly mask?: Tensor | null;
}

const applyTable = optionTable<EmbeddingApplyOptions>({ mask: 'tensor or null' });

const embeddingTable = optionTable<EmbeddingOptions>({
  vocabulary: required('number'),
  size: required('number'),
  paddingIndex: 'number',
  init: 'function',
});

/** The row `weight[index]` for every index. @throws ArgumentError when a size or the padding index makes no sense. */
export function embedding(options: EmbeddingOptions): EmbeddingLayer {
  checkOptions('embedding', options, embeddingTable);
  const { vocabulary, size, paddingIndex, init = normalInit() } = options;
  requireSizes('embedding', { vocabulary, size });
  if (
    paddingIndex !== undefined &&
    !(Number.isInteger(paddingIndex) && paddingIndex >= 0 && paddingIndex < vocabulary)
  ) {
    throw new ArgumentError(
      `embedding: paddingIndex ${paddingIndex} is not in the vocabulary; use 0 to ${vocabulary - 1}.`,
    );
  }
  const withPadding: Initialiser = (key, shape) => {
    const values = Float64Array.from(init(key, shape));
    if (paddingIndex !== undefined) values.fill(0, paddingIndex * size, (paddingIndex + 1) * size);
    return values;
  };
  return {
    init(key, where = {}) {
      checkOptions('embedding().init', where, initTable);
      return { weight: parameter(key, 'weight', [vocabulary, size], withPadding, where) };
    },
    apply(params, indices, applyOptions = {}) {
      checkOptions('embedding().apply', applyOptions, applyTable);
      requireTensor('embedding', 'what is looked up', indices);
      requireItems('embedding', indices, vocabulary, applyOptions.mask ?? null);
      return lookUp(params.weight, indices, paddingIndex);
    },
  };
}

/** The rows of a table by numbers that were found to be in it; that of the padding index gets no gradient. */
export function lookUp(table: Tensor, indices: Tensor, paddingIndex?: number): Tensor {
  if (paddingIndex === undefined) return gather(table, indices);
  return scope(() => {
    const rows = gather(table, indices);
    const isPadding = reshape(equal(indices, paddingIndex), [...indices.shape, 1]);
    return select(isPadding, stopGradient(rows), rows);
  });
}
