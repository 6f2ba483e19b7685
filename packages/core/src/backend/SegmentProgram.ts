import type { Operand, Result } from './Backend.js';
import type { ProgramData } from './program.js';

/** What a step of a cell is a function of, an entry for each: tensors in lists, in one fixed order. */
export interface StepRoles<T> {
  /** The same at every step. */
  readonly params: T;
  /** The state; a step makes the next one, of the same shapes and dtypes. */
  readonly carry: T;
  /** What a step is given beside; a segment has it for every step, `[time, …]`. */
  readonly inputs: T;
  /** Tensors that the cell closes over; the same at every step. */
  readonly constants: T;
}

/**
 * One step of a cell as plain data, and its way back. Masks, direction and time are not in it: a segment is the step done `time`
 * times, and its length may change from call to call, but no shape or dtype of the step may.
 */
export interface SegmentProgram {
  /** How many tensors there are of each role. */
  readonly counts: StepRoles<number>;
  /**
   * `params…, carry…, inputs…, constants… → next carry…, outputs…`. A result may be an input or a literal, and two may be the same
   * variable.
   */
  readonly step: ProgramData;
  /**
   * The step's vector-Jacobian product, which computes the step anew: the inputs of `step`, then the cotangents of its float results
   * → the gradients of its float inputs; i32 tensors have neither.
   */
  readonly pullback: ProgramData;
}

/** A segment to run: operands in the order of the program. */
export interface SegmentArgs<H extends object = object> extends StepRoles<readonly Operand<H>[]> {
  /** i32 `[time, batch]`, or null: where it is 0 a step leaves the rows of the carry as they are, and rows of its outputs are 0. */
  readonly mask: Operand<H> | null;
  /** From the last step to the first; outputs stay at their own time. */
  readonly reverse: boolean;
}

/** What a segment leaves. All handles are new ones, also where a result is an input. */
export interface SegmentForwardResult<H extends object = object> {
  /** After the last step run. */
  readonly carry: readonly Result<H>[];
  /** Of every step, `[time, …]`. */
  readonly outputs: readonly Result<H>[];
  /** What the way back needs, owned by the caller, who does not look into it; null unless asked for. */
  readonly saved: readonly Result<H>[] | null;
}

export interface SegmentBackwardArgs<H extends object = object> extends SegmentArgs<H> {
  readonly saved: readonly Operand<H>[];
  /** dL/d final carry, null for zero, and for i32. */
  readonly carryCotangents: readonly (Operand<H> | null)[];
  /** dL/d outputs `[time, …]`, null for zero, and for i32; at masked steps they are ignored. */
  readonly outputCotangents: readonly (Operand<H> | null)[];
  /** Which gradients are wanted; never those of i32. */
  readonly wants: StepRoles<readonly boolean[]>;
}

/** Gradients, null where not wanted: those of params and constants summed over all steps, those of inputs `[time, …]`. */
export type SegmentBackwardResult<H extends object = object> = StepRoles<readonly (Result<H> | null)[]>;

/** A step compiled by a backend, to be run over segments of any length ≥ 1. It is kept as long as its cell is. */
export interface CompiledSegment<H extends object = object> {
  /** `save` asks for what `backward` needs. */
  forward(args: SegmentArgs<H>, save: boolean): SegmentForwardResult<H>;
  /** The cotangents of carry, inputs and parameters, from those of the outputs and the last carry, and what `forward` saved. */
  backward(args: SegmentBackwardArgs<H>): SegmentBackwardResult<H>;
}
