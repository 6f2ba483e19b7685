import { recordPaths, type PathTaken } from '@tempograd/core';
import type { FloatDType, FusedFamily } from '@tempograd/core/backend';
import type { HostArray } from '../host/HostArray.js';
import { map } from '../host/indexing.js';
import { Sampler } from '../host/Sampler.js';
import type { CaseContext, Measured } from '../run/Case.js';
import { ConformanceError } from './ConformanceError.js';
import { Device } from './Device.js';
import { errorOf, smallest, type Scale } from './errorOf.js';
import { toleranceOf } from './halfStorage.js';
import type { Measure, OpClass } from './tolerances.js';

/** What is compared with what: for the tolerance and for the message. */
export interface Comparison {
  readonly measure: Measure;
  readonly opClass: OpClass;
  /** What the numbers are, `the gradient of input 2`. */
  readonly what: string;
  /** What errors count relative to; the default follows from the class. */
  readonly scale?: Scale;
}

/** What a running case is given: the two devices, numbers, and the means to compare; it gathers what was measured. */
export class Check {
  readonly context: CaseContext;
  /** The backend under test. */
  readonly device: Device;
  /** The oracle, in float64. */
  readonly oracle: Device;
  readonly dtype: FloatDType;
  readonly sample: Sampler;
  readonly #paths: PathTaken[] = [];
  #error = 0;
  #tolerance = 0;
  #reason: string | null = null;
  #worstRatio = -1;

  constructor(context: CaseContext, name: string) {
    this.context = context;
    this.dtype = context.dtype;
    this.device = new Device(context.backend, context.dtype);
    this.oracle = new Device(context.oracle, 'f64');
    this.sample = new Sampler(context.seed, name);
  }

  /** @throws ConformanceError when an element is further off than the tolerance. */
  compare(actual: HostArray, expected: HostArray, { measure, opClass, what, scale }: Comparison): void {
    const { bound, reason } = toleranceOf(this.context.precision, this.dtype, opClass, measure);
    const rounded =
      this.dtype === 'f32' && measure === 'value' && expected.kind === 'float' ? map(expected, Math.fround) : expected;
    const { error, index } = this.#errorOf(actual, rounded, scale ?? scaleOf(opClass, measure), what);
    this.#measured(error, bound, reason);
    if (error <= bound) return;
    throw new ConformanceError(
      `${what}: element ${index} of [${String(actual.shape)}] is ${String(actual.values[index])}, expected ${String(expected.values[index])}; ` +
        `the error ${error.toExponential(1)} is above ${bound.toExponential(1)} (${this.dtype}, ${opClass}, ${measure}: ${reason})`,
    );
  }

  /** As `compare`, of lists of equal length. */
  compareAll(actual: readonly HostArray[], expected: readonly HostArray[], comparison: Comparison): void {
    this.require(
      actual.length === expected.length,
      `${comparison.what}: ${actual.length} tensors came, expected ${expected.length}`,
    );
    actual.forEach((x, index) =>
      this.compare(x, expected[index] as HostArray, {
        ...comparison,
        what: actual.length === 1 ? comparison.what : `${comparison.what} ${index}`,
      }),
    );
  }

  /** A single number off by more than the tolerance of its class, relative to `size`. */
  compareNumber(actual: number, expected: number, size: number, comparison: Comparison): void {
    const { measure, opClass } = comparison;
    const { bound, reason } = toleranceOf(this.context.precision, this.dtype, opClass, measure);
    const error = actual === expected ? 0 : Math.abs(actual - expected) / Math.max(size, smallest);
    const counted = Number.isNaN(error) ? Infinity : error;
    this.#measured(counted, bound, reason);
    if (counted <= bound) return;
    throw new ConformanceError(
      `${comparison.what}: ${actual}, expected ${expected}; the error ${counted.toExponential(1)} relative to ${size.toExponential(1)} ` +
        `is above ${bound.toExponential(1)} (${this.dtype}, ${opClass}, ${measure}: ${reason})`,
    );
  }

  /** @throws ConformanceError with the message unless the condition holds. */
  require(condition: boolean, message: string): void {
    if (!condition) throw new ConformanceError(message);
    this.#measured(0, 0, null);
  }

  /** Runs `fn`, remembering which path each op with two paths took; returns what `fn` does. */
  recordPaths<R>(fn: () => R): { readonly result: R; readonly paths: PathTaken[] } {
    const recorded = recordPaths(fn);
    this.#paths.push(...recorded.paths);
    return recorded;
  }

  /** Whether the backend under test has a fused family. */
  has(family: FusedFamily): boolean {
    return this.context.families.includes(family);
  }

  /** What has been measured so far. */
  measured(): Measured {
    return { error: this.#error, tolerance: this.#tolerance, reason: this.#reason, paths: this.#paths };
  }

  #errorOf(actual: HostArray, expected: HostArray, scale: Scale, what: string): { error: number; index: number } {
    try {
      return errorOf(actual, expected, scale);
    } catch (cause) {
      throw cause instanceof ConformanceError ? new ConformanceError(`${what}: ${cause.message}`, { cause }) : cause;
    }
  }

  #measured(error: number, tolerance: number, reason: string | null): void {
    const ratio = error === 0 ? 0 : error / tolerance;
    if (ratio < this.#worstRatio || (ratio === this.#worstRatio && tolerance <= this.#tolerance)) return;
    this.#worstRatio = ratio;
    this.#error = error;
    this.#tolerance = tolerance;
    this.#reason = reason;
  }
}

function scaleOf(opClass: OpClass, measure: Measure): Scale {
  if (measure === 'value' && opClass === 'exact') return 'exact';
  return measure === 'value' && opClass === 'elementwise' ? 'element' : 'tensor';
}
