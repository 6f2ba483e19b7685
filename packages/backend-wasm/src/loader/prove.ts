import { answersOf, faultOf } from '../selfTest/selfTest.js';
import { withFlags } from './engineFlags.js';
import { kernelBytes } from './kernelBytes.js';
import type { Recipe } from './recipes.js';

/** A build that has passed its self-test; or null, and why. */
export interface Verdict {
  readonly module: WebAssembly.Module | null;
  readonly fault: string | null;
}

/** What was found in this process, by build and kind of memory: the engine stays the same. */
const verdicts = new Map<string, Promise<Verdict>>();

/** Compiles a build by its recipe and tests what has become of it, once in a process. */
export function prove(recipe: Recipe, shared: boolean): Promise<Verdict> {
  const name = `${recipe.build} ${shared}`;
  const known = verdicts.get(name) ?? tryOut(recipe, shared);
  verdicts.set(name, known);
  return known;
}

/** How often a module is compiled that was refused: another thread that does the same may have put a flag back too soon. */
const attempts = 3;

/** Loads the build; from then on all happens in one go, so that nothing else on this thread meets the flags. */
async function tryOut(recipe: Recipe, shared: boolean, attempt = 1): Promise<Verdict> {
  try {
    const bytes = await kernelBytes(recipe.build, shared);
    const module = withFlags([recipe.feature], () => {
      const compiled = withFlags(recipe.compiling, () => new WebAssembly.Module(bytes));
      // What runs is optimised, and is what it will be when it runs again.
      if (recipe.running.length > 0) withFlags(recipe.running, () => answersOf(compiled, shared));
      return compiled;
    });
    const fault = faultOf(module, shared);
    return { module: fault === null ? module : null, fault };
  } catch (error) {
    if (error instanceof WebAssembly.CompileError && attempt < attempts) return tryOut(recipe, shared, attempt + 1);
    return { module: null, fault: `its self-test failed: ${(error as Error).message}` };
  }
}
