import type { Evidence } from './Finding.js';
import type { LayerLook, Look } from './Look.js';
import type { LossTrace } from './LossTrace.js';
import type { Progress } from './Progress.js';

/** All that is judged. */
export interface View {
  readonly trace: LossTrace;
  readonly progress: Progress;
  /** The latest looks, oldest first. */
  readonly looks: readonly Look[];
  /** The first of all looks. */
  readonly first: Look | null;
  readonly patience: number;
  /** Steps that the latest gradient looked back; null where it was not truncated. */
  readonly truncatedAt: number | null;
}

/** Something that can be wrong, looked for: all that speaks for it, by layer. */
export type Judge = (view: View) => Evidence[];

/** Layers of the latest look for which all of the last `count` looks hold, in its order, and the first update of these. */
export function layersWhere(
  { looks }: View,
  count: number,
  holds: (layer: LayerLook) => boolean,
): { readonly layer: LayerLook; readonly since: number }[] {
  const recent = looks.slice(-count);
  if (recent.length < count) return [];
  const latest = recent.at(-1) as Look;
  return latest.layers
    .filter(({ name }) => recent.every(({ layers }) => layers.some((layer) => layer.name === name && holds(layer))))
    .map((layer) => ({ layer, since: (recent[0] as Look).update }));
}
