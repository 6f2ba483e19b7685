import type { StepRange } from '@tempograd/core';
import type { DeadUnits, GateSaturation, LayerHealth } from './healthTypes.js';
import type { SegmentMeasures } from './segmentMeasures.js';

/** Outputs of a unit that moves no further than this are one value. */
const still = 1e-5;

/** A segment with its numbers. */
interface Read {
  readonly steps: number;
  readonly rows: number;
  readonly gateNames: readonly string[];
  readonly delta: Float64Array;
  /** `[3, gates]` */
  readonly gates: Float64Array | null;
  /** `[2, hidden]` */
  readonly range: Float64Array;
}

/**
 * Layers of segments in the order of the backward pass: pieces of a sequence from the last to the first, and in each its layers from
 * the top down. `numbers` are those of the segments' tensors, one after another; δ is multiplied by `factor`.
 */
export function layersOf(
  segments: readonly SegmentMeasures[],
  numbers: readonly Float64Array[],
  { to }: StepRange,
  factor: number,
): LayerHealth[] {
  const layers = new Map<string, Read[]>();
  const names = namesOf(segments);
  let next = 0;
  segments.forEach(({ steps, batch, gates: gateNames, tensors }, index) => {
    const take = (): Float64Array => numbers[next++] as Float64Array;
    const [delta, gates, range] = [take(), tensors.gates === null ? null : take(), take()];
    const rows = tensors.count === null ? steps * batch : (take()[0] as number);
    const name = names[index] as string;
    const pieces = layers.get(name) ?? [];
    layers.set(name, [{ steps, rows, gateNames, delta, gates, range }, ...pieces]);
  });
  return [...layers].reverse().map(([name, pieces]): LayerHealth => {
    const byTime = pieces.flatMap(({ delta }) => Array.from(delta, (norm) => norm * factor));
    return {
      name,
      steps: { from: to - byTime.length, to },
      byTime,
      byLag: null,
      saturation: saturationOf(pieces),
      dead: deadOf(pieces),
      spectralRadius: null,
    };
  });
}

/**
 * What each segment's layer is called. A piece that ran with parameters of before an update has other tensors; it is one after the
 * other like the piece that follows it, whose layers have names.
 */
function namesOf(segments: readonly SegmentMeasures[]): string[] {
  const known = [...new Set(segments.flatMap(({ path }) => (path === null ? [] : [layerName(path)])))];
  return segments.map(({ path }, index) => {
    if (path !== null) return layerName(path);
    return known[index % known.length] ?? `layer ${index}`;
  });
}

/** `rnn.l0_reverse` of `rnn.weight_hh_l0_reverse`; `cell` of `cell.weight_hh`. */
export function layerName(path: string): string {
  const name = path.replace(/weight_hh_?/, '').replace(/\.$/, '');
  return name === '' ? 'layer' : name;
}

function saturationOf(pieces: readonly Read[]): Record<string, GateSaturation> | null {
  const names = pieces[0]?.gateNames ?? [];
  if (pieces.some(({ gates }) => gates === null)) return null;
  const count = (gate: number, column: number): number =>
    pieces.reduce((total, { gates }) => total + ((gates as Float64Array)[column * names.length + gate] as number), 0);
  if (count(0, 2) === 0) return null;
  return Object.fromEntries(
    names.map((name, gate) => {
      const all = count(gate, 2);
      return [name, { low: count(gate, 0) / all, high: count(gate, 1) / all }];
    }),
  );
}

function deadOf(pieces: readonly Read[]): DeadUnits | null {
  if (pieces.reduce((total, { rows }) => total + rows, 0) < 2) return null;
  const hidden = (pieces[0] as Read).range.length / 2;
  const units = Array.from({ length: hidden }, (_, unit) => {
    const most = Math.max(...pieces.map(({ range }) => range[unit] as number));
    const least = Math.min(...pieces.map(({ range }) => range[hidden + unit] as number));
    return most - least <= still;
  });
  return { count: units.filter(Boolean).length, of: hidden };
}
