import { formatShape, TraceError, type Argument, type Backend, type DType, type Shape } from '../backend/index.js';
import type { Printable } from '../tensor/print/printTensor.js';
import { refuseInStage, type Stage } from '../tensor/stage.js';
import { Tensor, nameForConsole } from '../tensor/Tensor.js';

/** A value of a traced function: shape and dtype without elements. It has no buffer, so to dispose of it does nothing. */
export class AbstractTensor extends Tensor {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly backend: Backend;
  /** Who writes the function down; null for one that only shows a type. */
  readonly stage: Stage | null;
  /** What stands for it in equations. */
  readonly argument: Argument;

  constructor(stage: Stage | null, argument: Argument, shape: Shape, dtype: DType, backend: Backend) {
    super();
    this.stage = stage;
    this.argument = argument;
    this.shape = shape;
    this.dtype = dtype;
    this.backend = backend;
  }

  /** @throws TraceError: there are no elements for a backend to work on. */
  get handle(): never {
    throw this.#withoutValues('used');
  }

  read(): never {
    throw this.#withoutValues('read');
  }

  readSync(): never {
    throw this.#withoutValues('read');
  }

  printable(): Printable {
    const { shape, dtype, backend } = this;
    return { shape, dtype, backend, notes: ['traced, without values'], values: null };
  }

  dispose(): void {}

  share(): this {
    return this;
  }

  #withoutValues(what: string): TraceError {
    const name = `a tensor ${this.dtype}${formatShape(this.shape)} without values was ${what}`;
    refuseInStage(name);
    return new TraceError(
      `${name}: it belongs to a traced function, which has ended. Return what you need from the traced function instead of ` +
        'storing its tensors outside.',
    );
  }
}

nameForConsole(AbstractTensor);
