import {
  type Argument,
  type Backend,
  type Equation,
  type ProgramData,
  type TensorType,
  type TypedArray,
} from '../backend/index.js';
import { Tensor } from '../tensor/Tensor.js';
import { printProgram } from './printProgram.js';

/** An equation of a traced function: a primitive, or `stopGradient`, which is the same value without a gradient. */
export type TracedEquation =
  | Equation
  | (TensorType & {
      readonly primitive: 'stopGradient';
      readonly inputs: readonly Argument[];
      readonly attributes: null;
    });

/** An input of a program: a tensor of its arguments, named by where it stands there. */
export interface ProgramInput extends TensorType {
  /** `params.weight_ih`; `arg1.h` where a function has several arguments. */
  readonly name: string;
}

/** A constant of a program. */
export interface ProgramConstant extends TensorType {
  /** A tensor that the function closed over, as it was named there; null for values that it made from the host. */
  readonly source: Tensor | null;
  /** The tensor, on storage that the program holds; or the values. */
  readonly value: Tensor | TypedArray;
}

/** What a program is made of. */
export interface ProgramParts<R> {
  readonly name: string;
  readonly inputs: readonly ProgramInput[];
  readonly constants: readonly ProgramConstant[];
  readonly data: ProgramData<TracedEquation>;
  readonly result: R;
  readonly backend: Backend;
}

/**
 * A traced function: its inputs, the constants that it closed over, equations, and what it returns. `toString()` prints it.
 * It holds its constants until `dispose()`.
 */
export class Program<A extends readonly unknown[] = readonly unknown[], R = unknown> {
  readonly name: string;
  readonly inputs: readonly ProgramInput[];
  readonly constants: readonly ProgramConstant[];
  /** The equations as plain data, over the inputs followed by the constants. */
  readonly data: ProgramData<TracedEquation>;
  /** The tree that the function returned; its tensors have shapes and dtypes only, in the order of `data.outputs`. */
  readonly result: R;
  /** Where the function was traced. */
  readonly backend: Backend;
  /** Only the type of the arguments. */
  declare readonly arguments: A;

  constructor(parts: ProgramParts<R>) {
    this.name = parts.name;
    this.inputs = parts.inputs;
    this.constants = parts.constants;
    this.data = parts.data;
    this.result = parts.result;
    this.backend = parts.backend;
  }

  toString(): string {
    return printProgram(this);
  }

  /** Lets go of the constants; the program cannot be interpreted afterwards if it has any that were closed over. */
  dispose(): void {
    for (const { value } of this.constants) if (value instanceof Tensor) value.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
