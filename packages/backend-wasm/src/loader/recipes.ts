// Builds that need more of V8 than it gives by default, and how to have them without leaving a flag set.

import type { Build } from './builds.js';
import { isMainThread, settableV8, type Flag } from './engineFlags.js';
import { canFuse, hasRelaxedSimd } from './probes.js';

/** How a build is compiled with flags set, and for how long. */
export interface Recipe {
  readonly build: Build;
  /** What it needs of the engine, to be compiled and to be optimised. */
  readonly feature: Flag;
  /** Makes the engine compile it in full at once, or the sooner. */
  readonly compiling: readonly Flag[];
  /** False where threads that did this at the same time might end the process. */
  readonly inAnyThread: boolean;
  /** Makes the engine optimise each function when it has run; empty where it has done so already. */
  readonly running: readonly Flag[];
}

export const relaxedSimd: Flag = {
  set: '--experimental-wasm-relaxed-simd',
  default: '--no-experimental-wasm-relaxed-simd',
};
const joining: Flag = {
  set: '--experimental-wasm-revectorize',
  default: '--no-experimental-wasm-revectorize',
};

/** The optimising compiler, for all functions, on all cores, while the module is made. */
const optimised: readonly Flag[] = [
  { set: '--no-liftoff', default: '--liftoff' },
  { set: '--no-wasm-lazy-compilation', default: '--wasm-lazy-compilation' },
];
/** Newer V8s inline by what a first run has shown, and end the process where there was none: each function runs first. */
const soonOptimised: readonly Flag[] = [{ set: '--wasm-tiering-budget=1', default: '--wasm-tiering-budget=13000000' }];
const optimisedAtOnce: readonly Flag[] = [{ set: '--wasm-sync-tier-up', default: '--no-wasm-sync-tier-up' }];

const relaxed = { build: 'relaxed', feature: relaxedSimd, inAnyThread: false } as const;
const wide = { build: 'wide', feature: joining, inAnyThread: true } as const;

/** Recipes by the version of V8 that they were tried on, and no other: flags come and go, and a wrong one may end the process. */
const recipes: Readonly<Record<string, Recipe>> = {
  // Node 20
  '11.3': { ...relaxed, compiling: optimised, running: [] },
  // Node 24
  '13.6': { ...wide, compiling: optimised, running: [] },
  // Node 25 and 26
  '14.1': { ...wide, compiling: soonOptimised, running: optimisedAtOnce },
  '14.6': { ...wide, compiling: soonOptimised, running: optimisedAtOnce },
};

/** How to have a build on this engine, in this thread, or null where that is not known, or needs nothing. */
export function recipeFor(build: Build): Recipe | null {
  const recipe = recipes[settableV8()];
  if (recipe?.build !== build || !(recipe.inAnyThread || isMainThread())) return null;
  return build === 'relaxed' || hasJoining() ? recipe : null;
}

/**
 * The recipe for the fastest build here, or null where it needs none, or this processor would not gain by it. Where relaxed SIMD
 * has a recipe, whether the engine has it is not asked: another thread may be having it turned on.
 */
export function fastestRecipe(): Recipe | null {
  if (keepsRelaxedSimd()) return recipeFor('relaxed');
  return hasRelaxedSimd() && canFuse() ? recipeFor('wide') : null;
}

/** Whether this V8 keeps relaxed SIMD behind a flag: Node 20's. */
export function keepsRelaxedSimd(): boolean {
  return recipes[settableV8()]?.build === 'relaxed';
}

/** Whether this V8 joins vectors through whole loops when told to: that of Node 24 or later, on x64, not on macOS. */
export function hasJoining(): boolean {
  const { process } = globalThis;
  return settableV8() >= 13 && process.arch === 'x64' && process.platform !== 'darwin';
}

/** What tells this V8 to join vectors; from 15 on it no longer calls that experimental. */
export function joiningFlag(): string {
  return settableV8() >= 15 ? '--wasm-revectorize' : joining.set;
}
