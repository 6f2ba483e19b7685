import { ArgumentError, BackendError } from '@tempograd/core/backend';
import { hasRelaxedSimd, hasSimd } from './probes.js';

/** Which instructions the kernels use. */
export type Build = 'simd' | 'relaxed';

/** The build for this engine, or the one asked for, and why. */
export function chooseBuild(asked: Build | 'auto'): { build: Build; reason: string } {
  if (asked !== 'auto' && asked !== 'simd' && asked !== 'relaxed') {
    throw new ArgumentError(`build is '${String(asked)}'; it can be 'auto', 'simd' or 'relaxed'.`);
  }
  if (!hasSimd()) {
    throw new BackendError(
      'This engine has no WebAssembly SIMD, which the wasm backend needs. ' +
        'Use a newer browser or Node, or @tempograd/backend-js.',
    );
  }
  const relaxed = hasRelaxedSimd();
  if (asked === 'relaxed' && !relaxed) {
    throw new BackendError("build 'relaxed' was asked for, but this engine has no relaxed SIMD. Use 'auto' or 'simd'.");
  }
  if (asked !== 'auto') return { build: asked, reason: 'asked for' };
  return relaxed
    ? { build: 'relaxed', reason: 'the engine has relaxed SIMD' }
    : { build: 'simd', reason: 'the engine has SIMD but not relaxed SIMD' };
}
