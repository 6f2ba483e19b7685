import type { GradientHealth, LayerHealth } from '../../health/index.js';
import type { Numbers } from './PackedTree.js';
import type { SampleLook } from './sampleLook.js';

/** A sample as it was read, or why there is none; null where none was wanted. */
export type ReadSample = Numbers<SampleLook> | { readonly fault: string } | null;

/** A health with what its sample tells. */
export function withSample(health: GradientHealth, sample: ReadSample): GradientHealth {
  if (sample === null) return health;
  if ('fault' in sample) return { ...health, unseen: [...health.unseen, `the sample: ${sample.fault}`] };
  return { ...health, layers: withLags(health.layers, sample.byTime), informed: informedOf(sample) };
}

function withLags(
  layers: readonly LayerHealth[],
  seen: readonly { readonly name: string; readonly norms: readonly number[] }[],
): LayerHealth[] {
  return layers.map((layer) => {
    const norms = seen.find(({ name }) => name === layer.name)?.norms;
    return norms === undefined ? layer : { ...layer, byLag: [...norms].reverse() };
  });
}

/** How much worse the losses are where outputs are led astray. */
function informedOf({ loss, astray }: Numbers<SampleLook>): number | null {
  const own = loss[0] as number;
  const shares = astray.map(([other = NaN]) => (other - own) / (Math.abs(other) + Math.abs(own)));
  const known = shares.filter(Number.isFinite);
  return known.length === 0 ? null : Math.max(...known);
}
