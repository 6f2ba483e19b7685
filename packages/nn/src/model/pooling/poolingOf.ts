import { ArgumentError, full, reshape, scope, type Tensor } from '@tempograd/core';
import { attentionPooling } from './attentionPooling.js';
import { endsPooling, lastPooling } from './endPooling.js';
import { maxPooling } from './maxPooling.js';
import { meanPooling } from './meanPooling.js';
import {
  accumulatorRows,
  type Like,
  type modelPoolings,
  type Pooling,
  type PoolingCarry,
  type PoolingParams,
} from './Pooling.js';

/** A readout of the steps so far. */
export interface Readout {
  /** `[1, batch, …]` each. Belongs to the caller's scope. */
  initialCarry(batch: number, like: Like): PoolingCarry;
  /** Outputs `[time, batch, size]`, 0 at masked steps, and i32 `[time, batch]` → outputs of the same shape. */
  apply(
    params: PoolingParams | undefined,
    carry: PoolingCarry,
    output: Tensor,
    mask: Tensor | null,
  ): { readonly carry: PoolingCarry; readonly output: Tensor };
}

/** The pooling of a name, of outputs of this size; null for none. */
export function readoutOf(name: (typeof modelPoolings)[number], size: number, bidirectional: boolean): Readout | null {
  if (name === 'none') return null;
  return readoutBy(poolings[name](size, bidirectional));
}

const poolings: Record<
  Exclude<(typeof modelPoolings)[number], 'none'>,
  (size: number, bidirectional: boolean) => Pooling
> = {
  last: (size, bidirectional) => (bidirectional ? endsPooling : lastPooling)(size),
  mean: meanPooling,
  max: maxPooling,
  attention: attentionPooling,
};

function readoutBy({ accumulators, start = {}, apply }: Pooling): Readout {
  const names = Object.keys(accumulators);
  const each = (fn: (name: string) => Tensor): PoolingCarry =>
    Object.fromEntries(names.map((name) => [name, fn(name)]));
  const restOf = (name: string): readonly number[] => accumulators[name] as readonly number[];
  return {
    initialCarry: (batch, like) =>
      scope(() => each((name) => full([1, batch, ...restOf(name)], start[name] ?? 0, like))),
    apply: (params, carry, output, mask) =>
      scope(() => {
        const batch = output.shape[1] as number;
        const rows = each((name) => accumulatorRows(accumulatorOf(carry, name), batch, restOf(name)));
        const column = mask === null ? null : reshape(mask, [...mask.shape, 1]);
        const result = apply(rows, { output, mask: column }, params);
        return {
          output: result.output,
          carry: each((name) => reshape(result.carry[name] as Tensor, [1, batch, ...restOf(name)])),
        };
      }),
  };
}

function accumulatorOf(carry: PoolingCarry, name: string): Tensor {
  const accumulator = carry[name];
  if (accumulator !== undefined) return accumulator;
  throw new ArgumentError(
    `sequenceModel: the pooling in the carry has no "${name}", but ${Object.keys(carry).join(', ')}: it is of another model.`,
  );
}
