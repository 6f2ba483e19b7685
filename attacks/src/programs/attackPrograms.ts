import { createBackend } from '@tempograd/backend-js';
import type { Place } from '../places.js';
import type { Program } from './Builder.js';
import { examine } from './examine.js';
import { cutProgram, makeProgram, printProgram } from './makeProgram.js';

/** What to attack with. */
export interface ProgramsAttack {
  readonly seed: number;
  /** How many random programs are run. */
  readonly programs: number;
  /** The first of them; default is 0. With `programs: 1` one is repeated alone. */
  readonly from?: number;
  /** Backends beside the js one that they are run on, in f32; default is none. */
  readonly others?: readonly Place[];
  /** Told after each program, with their number so far. */
  readonly onProgress?: (done: number) => void;
}

/** A program that came out wrong, cut to the steps that it takes. */
export interface ProgramFailure {
  readonly program: number;
  readonly fault: string;
  readonly listing: string;
}

/** What became of the programs. */
export interface ProgramsReport {
  readonly programs: number;
  /** Values and derivatives that were compared. */
  readonly comparisons: number;
  readonly steps: number;
  /** The largest error met, as a share of what is allowed. */
  readonly worst: number;
  readonly failures: readonly ProgramFailure[];
}

/**
 * Runs random programs: their values, gradients, directional and second derivatives, batched, traced, fused and composed, on the
 * js backend in f64 against exact derivatives on the host, and on the others within the suite's tolerances. Nothing may stay behind.
 */
export async function attackPrograms({
  seed,
  programs,
  from = 0,
  others = [],
  onProgress = () => {},
}: ProgramsAttack): Promise<ProgramsReport> {
  const js: Place = { backend: createBackend(), dtype: 'f64', name: 'js f64' };
  const failures: ProgramFailure[] = [];
  let [comparisons, steps, worst] = [0, 0, 0];
  for (let number = from; number < from + programs; number++) {
    const program = makeProgram(Math.imul(seed, 0x9e3779b1) + number);
    steps += program.steps.length;
    for (const place of [js, ...others]) {
      const found = await examine(program, place, number);
      comparisons += found.comparisons;
      worst = Math.max(worst, found.worst);
      if (found.fault !== null) failures.push(await cutDown(program, place, number, found.fault));
    }
    onProgress(number - from + 1);
  }
  return { programs, comparisons, steps, worst, failures };
}

/** The shortest beginning of the program that is wrong too, as text. */
async function cutDown(program: Program, place: Place, number: number, fault: string): Promise<ProgramFailure> {
  for (let count = 1; count < program.steps.length; count++) {
    const shorter = cutProgram(program, count);
    const found = await examine(shorter, place, number);
    if (found.fault !== null) return { program: number, fault: found.fault, listing: printProgram(shorter) };
  }
  return { program: number, fault, listing: printProgram(program) };
}
