import { createBackend } from '@tempograd/backend-js';
import type { Place } from '../places.js';
import { Random } from '../Random.js';
import { examineLayer } from './examineLayer.js';
import { examineRegimes } from './examineRegimes.js';
import { printLayer, sampleLayer } from './sampleLayer.js';

/** What to attack with. */
export interface ShapesAttack {
  readonly seed: number;
  /** How many random layers are run, and half as many problems with eight truncations each. */
  readonly shapes: number;
  /** The first of them; default is 0. With `shapes: 1` one is repeated alone. */
  readonly from?: number;
  /** Backends beside the js one; those whose names are alike up to a comma must agree to the bit. Default is none. */
  readonly others?: readonly Place[];
  /** Told after each, with their number so far. */
  readonly onProgress?: (done: number) => void;
}

/** A layer or a truncation that came out wrong. */
export interface ShapeFailure {
  readonly shape: number;
  readonly fault: string;
}

/** What became of the shapes. */
export interface ShapesReport {
  readonly layers: number;
  /** Problems that were cut in several ways. */
  readonly problems: number;
  readonly failures: readonly ShapeFailure[];
}

/**
 * Runs recurrent layers of random shapes (all cells, masks, both directions, empty batches, row numbers) and truncations of random
 * lengths: on the js backend in f64 against the host and against mask · credit matrix, on the others within the suite's tolerances.
 */
export async function attackShapes({
  seed,
  shapes,
  from = 0,
  others = [],
  onProgress = () => {},
}: ShapesAttack): Promise<ShapesReport> {
  const js: Place = { backend: createBackend(), dtype: 'f64', name: 'js f64' };
  const failures: ShapeFailure[] = [];
  let problems = 0;
  for (let shape = from; shape < from + shapes; shape++) {
    const own = Math.imul(seed, 0x9e3779b1) + shape;
    const layer = sampleLayer(new Random(own));
    for (const fault of await examineLayer(layer, js, others, own))
      failures.push({ shape, fault: `${fault}; ${printLayer(layer)}` });
    if (shape % 2 === 0) {
      problems++;
      for (const fault of await examineRegimes(own, js, others)) failures.push({ shape, fault });
    }
    onProgress(shape - from + 1);
  }
  return { layers: shapes, problems, failures };
}
