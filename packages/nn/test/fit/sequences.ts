import { fromArray, keep, scope, sliceAxis, treeMap } from '@tempograd/core';
import type { DataOptions, DataSource, SequenceStretch } from '../../src/index.js';

/** A batch of sequences side by side, as numbers: `[time, batch, features]`, `[time, batch, outputs]`, `[time, batch]`. */
export interface Sequence {
  readonly shape: readonly [time: number, batch: number];
  readonly inputs: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
  readonly mask: readonly number[];
}

/** Labels of the steps that count. */
export function itemsOf({ mask }: Sequence): number {
  return mask.reduce((sum, counts) => sum + counts, 0);
}

/** The whole of a sequence as one stretch, in the caller's scope. */
export function stretchOf({ shape, inputs, targets, mask }: Sequence, options: DataOptions = {}): SequenceStretch {
  const tensor = (values: ArrayLike<number>) => fromArray(values, [...shape, values.length / mask.length], options);
  return {
    inputs: tensor(inputs),
    targets: tensor(targets),
    mask: fromArray(mask, shape, { ...options, dtype: 'i32' }),
  };
}

/** How a source cuts its sequences, and what it tells of them. */
export interface Cut {
  /** Steps of the stretches, in turn. */
  readonly sizes: readonly number[];
  readonly tells: boolean;
}

/** Sequences one after another, each cut into stretches. */
export function cutInto(sequences: readonly Sequence[], { sizes, tells }: Cut): DataSource<SequenceStretch> {
  return {
    stretches: null,
    async *open({ index }, options) {
      let at = 0;
      for (const sequence of sequences) {
        const [time] = sequence.shape;
        for (let from = 0, part = 0; from < time; part++) {
          const to = Math.min(time, from + (sizes[part % sizes.length] as number));
          if (at++ >= index) {
            const stretch = scope(() => {
              const whole = stretchOf(sequence, options);
              return keep(treeMap(whole, (leaf) => sliceAxis(leaf, from, to)));
            });
            yield { stretch, ends: to === time, ...(tells ? { items: itemsOf(sequence) } : {}) };
          }
          from = to;
        }
      }
    },
  };
}
