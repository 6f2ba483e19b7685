import { gates } from '../grid/cost.js';
import type { Row } from '../grid/Row.js';

/** Batches of the stream that a job goes round in. */
export const batchCount = 4;
/** Adam's step size and the largest gradient norm, everywhere. */
export const learningRate = 1e-3;
export const maxNorm = 1;

/** A number in [0, 1) that depends on seed and index alone, so that every column starts from the same parameters and data. */
export function uniform(seed: number, index: number): number {
  let x = (index + Math.imul(seed, 0x9e3779b9)) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

/** A parameter by PyTorch's name, with its starting values. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** All parameters of a row's model, in PyTorch's order. */
export function parametersOf(row: Row): Parameter[] {
  const { hidden, embedding, vocabulary, layers } = row;
  const wide = gates[row.cell] * hidden;
  const shapes: [string, number[]][] = [['embedding.weight', [vocabulary, embedding]]];
  for (let layer = 0; layer < layers; layer++) {
    shapes.push(
      [`rnn.weight_ih_l${layer}`, [wide, layer === 0 ? embedding : hidden]],
      [`rnn.weight_hh_l${layer}`, [wide, hidden]],
      [`rnn.bias_ih_l${layer}`, [wide]],
      [`rnn.bias_hh_l${layer}`, [wide]],
    );
  }
  shapes.push(['head.weight', [vocabulary, hidden]], ['head.bias', [vocabulary]]);
  let offset = 0;
  return shapes.map(([name, shape]) => {
    const start = offset;
    const bound = name.startsWith('embedding') ? 1 : 1 / Math.sqrt(hidden);
    const size = shape.reduce((a, b) => a * b);
    offset += size;
    return {
      name,
      shape,
      values: Float32Array.from({ length: size }, (_, i) => (uniform(1, start + i) * 2 - 1) * bound),
    };
  });
}

/** A batch of consecutive characters, `[time, batch]` row-major each; targets are one step ahead. */
export interface TokenBatch {
  readonly inputs: Int32Array;
  readonly targets: Int32Array;
}

/** The stream of a row in batches that follow on each other. */
export function tokenBatches({ time, batch, vocabulary }: Row): TokenBatch[] {
  const size = time * batch;
  const tokens = (start: number): Int32Array =>
    Int32Array.from({ length: size }, (_, i) => Math.floor(uniform(2, start + i) * vocabulary));
  return Array.from({ length: batchCount }, (_, index) => ({
    inputs: tokens(index * size),
    targets: tokens(index * size + batch),
  }));
}
