import { settableV8 } from './engineFlags.js';
import { hasRelaxedSimd, hasSimd } from './probes.js';
import { hasJoining, keepsRelaxedSimd } from './recipes.js';

/** Which instructions the kernels use, and for which registers they are laid out. */
export type Build = (typeof builds)[number];

export const builds = ['simd', 'relaxed', 'wide'] as const;

/** The builds that this engine runs when they are asked for, slowest first. */
export function availableBuilds(): Build[] {
  if (!hasSimd()) return [];
  if (keepsRelaxedSimd()) return ['simd', 'relaxed'];
  if (!hasRelaxedSimd()) return ['simd'];
  return settableV8() === 0 || hasJoining() ? ['simd', 'relaxed', 'wide'] : ['simd', 'relaxed'];
}
