import {
  toTypedArray,
  TraceError,
  type Backend,
  type DType,
  type Shape,
  type TensorType,
  type TypedArray,
} from '../backend/index.js';
import { commonBackend } from '../tensor/bind.js';
import type { Primitive } from '../tensor/primitive.js';
import type { Stage } from '../tensor/stage.js';
import { ArrayTensor, Literal, share, Tensor, TracedTensor, type PrimitiveCall } from '../tensor/Tensor.js';
import { AbstractTensor } from './AbstractTensor.js';
import type { TracedEquation } from './Program.js';

/** A tensor that a traced function closed over, or values that it made on the host. */
export interface RecordedConstant extends TensorType {
  readonly variable: number;
  /** The tensor as the function named it; null for values. */
  readonly source: Tensor | null;
  /** The tensor on storage held here, or the values. */
  readonly value: Tensor | TypedArray;
}

/** An equation with the number of the variable it makes. */
export type Recorded<E = TracedEquation> = E & { readonly output: number };

/** Writes down the ops of one traced function. Numbers of variables are in the order in which they came up. */
export class Recorder implements Stage {
  readonly level: number;
  readonly equations: Recorded[] = [];
  readonly constants: RecordedConstant[] = [];
  readonly #lifted = new Map<object, AbstractTensor>();
  #variables = 0;
  #ended = false;

  constructor(level: number) {
    this.level = level;
  }

  /** A new variable. */
  variable(shape: Shape, dtype: DType, backend: Backend): AbstractTensor {
    return new AbstractTensor(this, { variable: this.#variables++ }, shape, dtype, backend);
  }

  process<P extends Primitive>({ primitive, inputs, attributes, shape, dtype }: PrimitiveCall<P>): Tensor {
    const backend = commonBackend(primitive, inputs);
    return this.#record(
      { primitive, attributes, inputs: inputs.map((x) => this.lift(x).argument), shape, dtype },
      backend,
    );
  }

  fill(backend: Backend, shape: Shape, value: number, dtype: DType): Tensor {
    const scalar = this.#literal(backend, toTypedArray([value], dtype)[0] as number, dtype);
    if (shape.length === 0) return scalar;
    return this.#record(
      { primitive: 'broadcast', attributes: { shape }, inputs: [scalar.argument], shape, dtype },
      backend,
    );
  }

  write(backend: Backend, data: TypedArray, shape: Shape, dtype: DType): Tensor {
    return this.#constant(null, data.slice(), shape, dtype, backend);
  }

  detach(x: Tensor): Tensor {
    const { argument, shape, dtype, backend } = this.lift(x);
    return this.#record({ primitive: 'stopGradient', attributes: null, inputs: [argument], shape, dtype }, backend);
  }

  /** A tensor as this function's own: what it closed over becomes a constant. @throws TraceError for a tensor of a function that has ended. */
  lift(x: Tensor): AbstractTensor {
    if (x instanceof Literal) return this.#literal(x.backend, x.value, x.dtype);
    if (x instanceof AbstractTensor) {
      if (x.stage === this) return x;
      if (!(x.stage instanceof Recorder) || x.stage.#ended) x.readSync();
    } else if (x instanceof TracedTensor && x.trace.level >= this.level) {
      throw new TraceError(
        'A traced function used or returned a tensor of a differentiation that has ended; return it from there.',
      );
    }
    const key = x instanceof ArrayTensor ? x.storage : x;
    let lifted = this.#lifted.get(key);
    if (lifted === undefined) {
      lifted = this.#constant(x, share(x), x.shape, x.dtype, x.backend);
      this.#lifted.set(key, lifted);
    }
    return lifted;
  }

  /** Nothing more is written down. */
  end(): void {
    this.#ended = true;
  }

  /** Lets go of the constants that it holds, but for those that somebody takes over. */
  dispose(taken: readonly RecordedConstant[] = []): void {
    for (const constant of this.constants) {
      if (constant.value instanceof Tensor && !taken.includes(constant)) constant.value.dispose();
    }
  }

  #literal(backend: Backend, literal: number, dtype: DType): AbstractTensor {
    return new AbstractTensor(this, { literal, dtype }, [], dtype, backend);
  }

  #constant(
    source: Tensor | null,
    value: Tensor | TypedArray,
    shape: Shape,
    dtype: DType,
    backend: Backend,
  ): AbstractTensor {
    const made = this.variable(shape, dtype, backend);
    this.constants.push({ variable: (made.argument as { variable: number }).variable, source, value, shape, dtype });
    return made;
  }

  #record(equation: { readonly [K in keyof TracedEquation]: unknown } & TensorType, backend: Backend): AbstractTensor {
    const made = this.variable(equation.shape, equation.dtype, backend);
    const { variable } = made.argument as { variable: number };
    this.equations.push({ ...(equation as TracedEquation), output: variable });
    return made;
  }
}
