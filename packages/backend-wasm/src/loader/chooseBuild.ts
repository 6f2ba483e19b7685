import { ArgumentError, BackendError } from '@tempograd/core/backend';
import { allowRelaxedSimd, canHaveRelaxedSimd, canJoinVectors, joinVectors, joinsVectors } from './engineFlags.js';
import { hasRelaxedSimd, hasSimd } from './probes.js';

/** Which instructions the kernels use, and for which registers they are laid out. */
export type Build = (typeof builds)[number];

const builds = ['simd', 'relaxed', 'wide'] as const;

/** The builds that this engine runs when they are asked for, slowest first. */
export function availableBuilds(): Build[] {
  if (!hasSimd()) return [];
  if (!canHaveRelaxedSimd()) return ['simd'];
  return canJoinVectors() ? ['simd', 'relaxed', 'wide'] : ['simd', 'relaxed'];
}

/**
 * The build for this engine, or the one asked for, and why.
 * @throws ArgumentError for a build that is none; BackendError for one that this engine cannot run
 */
export function chooseBuild(asked: Build | 'auto'): { build: Build; reason: string } {
  if (asked !== 'auto' && !builds.includes(asked)) {
    throw new ArgumentError(`build is '${asked}'; it can be 'auto', 'simd', 'relaxed' or 'wide'.`);
  }
  if (!hasSimd()) {
    throw new BackendError(
      'This engine has no WebAssembly SIMD, which the wasm backend needs. ' +
        'Use a newer browser or Node, or @tempograd/backend-js.',
    );
  }
  if (asked === 'auto') return bestUnasked();
  if (asked === 'wide') joinVectors();
  if (asked !== 'simd') allowRelaxedSimd();
  if (asked !== 'simd' && !hasRelaxedSimd()) {
    throw new BackendError(
      `build '${asked}' was asked for, but this engine has no relaxed SIMD. Use 'auto' or 'simd'.`,
    );
  }
  return { build: asked, reason: 'asked for' };
}

/** The fastest build that needs no flag turned on. */
function bestUnasked(): { build: Build; reason: string } {
  if (!hasRelaxedSimd()) {
    const remedy = canHaveRelaxedSimd() ? "; build: 'relaxed' turns it on" : '';
    return { build: 'simd', reason: `the engine has SIMD but not relaxed SIMD${remedy}` };
  }
  return joinsVectors()
    ? { build: 'wide', reason: 'the engine was told to join vectors' }
    : { build: 'relaxed', reason: 'the engine has relaxed SIMD' };
}
