import {
  cast,
  keep,
  max,
  min,
  norm,
  reshape,
  select,
  stack,
  sum,
  type SegmentSeen,
  type Tensor,
} from '@tempograd/core';
import { gateCounts, gateNames } from './gateCounts.js';

/** What is measured of a segment while it is pulled back: tensors outside every scope, to be read later. */
export interface SegmentMeasures {
  /** The path of its recurrent weight among the parameters, null where it is none of them. */
  readonly path: string | null;
  readonly steps: number;
  readonly batch: number;
  readonly gates: readonly string[];
  readonly tensors: {
    /** `‖δ_t‖`, `[time]`. */
    readonly delta: Tensor;
    /** `[3, gates]`: values below, above and in all; null where not wanted. */
    readonly gates: Tensor | null;
    /** Largest and least output of each unit, `[2, hidden]`. */
    readonly range: Tensor;
    /** Rows and steps that count, a scalar; null where all do. */
    readonly count: Tensor | null;
  };
}

/** Measures a segment. */
export function measureSegment(segment: SegmentSeen, wantsGates: boolean): SegmentMeasures {
  const { cell, delta, output, mask, path } = segment;
  const [time, batch] = output.shape as [number, number, number];
  const where = mask === null ? null : reshape(mask, [time, batch, 1]);
  const edge = (value: number): Tensor => (where === null ? output : select(where, output, value));
  const axes = [0, 1];
  const tensors = {
    delta: norm(delta, { axes: [1, 2] }),
    gates: wantsGates ? gateCounts(segment) : null,
    range: stack([max(edge(-Infinity), { axes }), min(edge(Infinity), { axes })]),
    count: mask === null ? null : cast(sum(mask), output.dtype),
  };
  return { path, steps: time, batch, gates: gateNames(cell), tensors: keep(tensors) };
}
