import { ArgumentError, BackendError } from '@tempograd/core/backend';
import { builds } from './builds.js';
import type { Build } from './builds.js';
import { setFlag, settableV8, startedWith } from './engineFlags.js';
import { kernelBytes } from './kernelBytes.js';
import { canFuse, hasRelaxedSimd, hasSimd } from './probes.js';
import { prove } from './prove.js';
import { fastestRecipe, hasJoining, joiningFlag, keepsRelaxedSimd, recipeFor, relaxedSimd } from './recipes.js';

/** A build, compiled, and why it is this one. */
export interface LoadedBuild {
  readonly build: Build;
  readonly reason: string;
  readonly module: WebAssembly.Module;
}

/**
 * The fastest build for this engine that proves itself, or the one asked for, on shared memory or not.
 * @throws ArgumentError for a build that is none; BackendError for one that this engine cannot run, or that fails its self-test
 */
export async function loadBuild(asked: Build | 'auto', shared: boolean): Promise<LoadedBuild> {
  if (asked !== 'auto' && !builds.includes(asked)) {
    throw new ArgumentError(`build is '${asked}'; it can be 'auto', 'simd', 'relaxed' or 'wide'.`);
  }
  if (!hasSimd()) {
    throw new BackendError(
      'This engine has no WebAssembly SIMD, which the wasm backend needs. ' +
        'Use a newer browser or Node, or @tempograd/backend-js.',
    );
  }
  return asked === 'auto' ? loadFastest(shared) : loadAsked(asked, shared);
}

async function loadAsked(build: Build, shared: boolean): Promise<LoadedBuild> {
  const recipe = recipeFor(build);
  if (recipe !== null) {
    const { module, fault } = await prove(recipe, shared);
    if (module === null) throw new BackendError(`build '${build}' was asked for, but ${fault}. Use 'auto'.`);
    return { build, reason: 'asked for', module };
  }
  if (build === 'wide') joinForGood();
  if (build === 'relaxed' && keepsRelaxedSimd()) setFlag(relaxedSimd.set);
  if (build !== 'simd' && !hasRelaxedSimd()) {
    throw new BackendError(
      `build '${build}' was asked for, but this engine has no relaxed SIMD. Use 'auto' or 'simd'.`,
    );
  }
  return compile(build, 'asked for', shared);
}

/** Makes a V8 that no recipe is known for join vectors, for the whole process; elsewhere that is the user's to set. */
function joinForGood(): void {
  if (settableV8() === 0) return;
  if (!hasJoining()) {
    const { versions, platform, arch } = globalThis.process;
    throw new BackendError(
      `build 'wide' needs Node 24 or later on x64, not on macOS; this is Node ${versions.node} on ${platform}, ${arch}. Use 'auto'.`,
    );
  }
  setFlag(joiningFlag());
}

async function loadFastest(shared: boolean): Promise<LoadedBuild> {
  const recipe = fastestRecipe();
  if (recipe === null) {
    if (keepsRelaxedSimd() ? startedWith(relaxedSimd.set) !== relaxedSimd.set : !hasRelaxedSimd()) {
      const hint = keepsRelaxedSimd() ? `; for a worker thread, start Node with ${relaxedSimd.set}` : '';
      return compile('simd', `the engine has SIMD but not relaxed SIMD${hint}`, shared);
    }
    return toldToJoin()
      ? compile('wide', 'the engine was told to join vectors', shared)
      : compile('relaxed', `the engine has relaxed SIMD${remedy()}`, shared);
  }
  const { build } = recipe;
  const { module, fault } = await prove(recipe, shared);
  const reason = 'turned on for these kernels alone, which compute what they should';
  if (module !== null) return { build, reason, module };
  return compile(build === 'wide' ? 'relaxed' : 'simd', `'${build}' is not used, since ${fault}`, shared);
}

function toldToJoin(): boolean {
  return startedWith(joiningFlag()) === joiningFlag() && hasJoining() && canFuse();
}

/** What would make it faster, where something would. */
function remedy(): string {
  if (settableV8() === 0 || globalThis.process.arch !== 'x64' || globalThis.process.platform === 'darwin') return '';
  if (!canFuse()) return '';
  return hasJoining()
    ? `; start Node with ${joiningFlag()} for kernels about 1.6 times as fast`
    : '; Node 24 or later has wide vectors, about 1.6 times as fast';
}

async function compile(build: Build, reason: string, shared: boolean): Promise<LoadedBuild> {
  return { build, reason, module: await WebAssembly.compile(await kernelBytes(build, shared)) };
}
