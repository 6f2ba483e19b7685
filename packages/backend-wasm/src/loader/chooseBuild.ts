import { ArgumentError, BackendError } from '@tempograd/core/backend';
import { hasRelaxedSimd, hasSimd } from './probes.js';
import { joinVectors, joinsVectors } from './vectorJoining.js';

/** Which instructions the kernels use, and for which registers they are laid out. */
export type Build = (typeof builds)[number];

const builds = ['simd', 'relaxed', 'wide'] as const;

/** The build for this engine, or the one asked for, and why. */
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
  const relaxed = hasRelaxedSimd();
  if (asked !== 'auto' && asked !== 'simd' && !relaxed) {
    throw new BackendError(
      `build '${asked}' was asked for, but this engine has no relaxed SIMD. Use 'auto' or 'simd'.`,
    );
  }
  if (asked === 'wide') joinVectors();
  if (asked !== 'auto') return { build: asked, reason: 'asked for' };
  if (!relaxed) return { build: 'simd', reason: 'the engine has SIMD but not relaxed SIMD' };
  return joinsVectors()
    ? { build: 'wide', reason: 'the engine was told to join vectors' }
    : { build: 'relaxed', reason: 'the engine has relaxed SIMD' };
}
