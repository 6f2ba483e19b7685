import { availableBuilds, createBackend } from '@tempograd/backend-wasm';
import { Random } from '../Random.js';
import { examineCase } from './examineCase.js';
import type { Sampler } from './KernelCase.js';
import { Machine, type Computer } from './Machine.js';
import { Sample } from './Sample.js';
import { elementwise } from './samplers/elementwise.js';
import { moves } from './samplers/moves.js';
import { optimisers } from './samplers/optimisers.js';
import { product } from './samplers/product.js';
import { recurrent } from './samplers/recurrent.js';
import { reductions } from './samplers/reductions.js';
import { rowNorms } from './samplers/rowNorms.js';
import { sequences } from './samplers/sequences.js';

/** What to attack with. */
export interface KernelsAttack {
  readonly seed: number;
  /** How many random calls of kernels are made. */
  readonly kernels: number;
  /** The first of them; default is 0. With `kernels: 1` one is repeated alone. */
  readonly from?: number;
  readonly machines: readonly Computer[];
}

/** A call that came out wrong. */
export interface KernelFailure {
  readonly kernel: number;
  readonly fault: string;
}

const small = { ...elementwise, ...moves, ...reductions, ...rowNorms, ...optimisers, ...sequences };
/** The samplers in turns: the large kernels, which have the most paths, as often as all others together. */
const turns: readonly (readonly [string, Sampler])[] = Object.entries(small).flatMap((one, at) => [
  one,
  at % 3 === 0 ? ['product', product] : ['recurrent', recurrent],
]);

/** Builds whose results are the same to the bit. */
const alike = ['relaxed', 'wide'];

/**
 * Calls kernels with random sizes, strides, addresses and numbers, in every build and with their work in one, two and three parts:
 * against f64 within stated bounds, and against each other to the bit. Memory that is not theirs to write must stay as it is.
 */
export function attackKernels({ seed, kernels, from = 0, machines }: KernelsAttack): {
  readonly failures: readonly KernelFailure[];
  /** The kernels that were called. */
  readonly called: ReadonlySet<string>;
} {
  const failures: KernelFailure[] = [];
  const called = new Set<string>();
  for (let kernel = from; kernel < from + kernels; kernel++) {
    const sample = new Sample(new Random(Math.imul(seed, 0x9e3779b1) + kernel));
    const [name, sampler] = turns[kernel % turns.length]!;
    const it = sampler(sample);
    for (const { task } of it.steps) called.add(task);
    const atEnd = sample.random.whole(0, it.blocks.length);
    for (const fault of examineCase(it, machines, atEnd, alike))
      failures.push({ kernel, fault: `${name} ${it.title}: ${fault}` });
  }
  return { failures, called };
}

/** One machine for each build that runs here. */
export async function kernelMachines(): Promise<Machine[]> {
  const machines: Machine[] = [];
  for (const build of availableBuilds()) {
    // A backend of the build turns on what the engine needs for it.
    (await createBackend({ build, threads: 1 })).dispose?.();
    const file = new URL(`../../../packages/backend-wasm/dist/wasm/${build}.js`, import.meta.url);
    const { base64 } = (await import(file.href)) as { base64: string };
    machines.push(new Machine(build, new WebAssembly.Module(Buffer.from(base64, 'base64'))));
  }
  return machines;
}
