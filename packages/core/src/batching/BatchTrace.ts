import { BackendError, LifetimeError, type Shape } from '../backend/index.js';
import type { Primitive } from '../tensor/primitive.js';
import { scope } from '../tensor/scope.js';
import {
  constantOf,
  share,
  TracedTensor,
  type PrimitiveCall,
  type Tensor,
  type Trace,
  nameForConsole,
} from '../tensor/Tensor.js';
import { batchRules, type BatchRule } from './batchRules.js';

/** A batch of values that a function sees as one: `primal` has one more axis, in front, than `shape` shows. */
export class BatchTensor extends TracedTensor {
  readonly trace: BatchTrace;
  readonly primal: Tensor;
  readonly #shape: Shape;

  constructor(trace: BatchTrace, primal: Tensor) {
    super();
    this.trace = trace;
    this.primal = primal;
    this.#shape = primal.shape.slice(1);
  }

  override get shape(): Shape {
    return this.#shape;
  }

  protected override get watched(): string {
    return `one of the ${this.trace.size} rows of a batch, all of which are shown`;
  }

  parts(): readonly Tensor[] {
    return [this.primal];
  }

  share(): BatchTensor {
    return new BatchTensor(this.trace, share(this.primal));
  }

  override constant(): BatchTensor {
    return new BatchTensor(this.trace, constantOf(this.primal));
  }

  override read(): never {
    throw unreadable('read');
  }

  override readSync(): never {
    throw unreadable('readSync');
  }
}

nameForConsole(BatchTensor);

/** Batching: each op is done once for all rows of a batch, by the rule that says where the batch axis goes. */
export class BatchTrace implements Trace {
  readonly level: number;
  readonly refusesFused = 'it is batched by vmap';
  /** Rows of the batch. */
  readonly size: number;
  #ended = false;

  constructor(level: number, size: number) {
    this.level = level;
    this.size = size;
  }

  owns(x: Tensor): x is BatchTensor {
    return x instanceof BatchTensor && x.trace === this;
  }

  process<P extends Primitive>({ primitive, inputs, attributes, shape }: PrimitiveCall<P>): Tensor {
    if (this.#ended) {
      throw new LifetimeError(
        `${primitive}: an input belongs to a vmap that has ended. Return what you need from the function given to vmap ` +
          'instead of storing its tensors outside.',
      );
    }
    const batched = inputs.map((x) => this.owns(x));
    const values = inputs.map((x) => (this.owns(x) ? x.primal : x));
    const rule = batchRules[primitive] as BatchRule<unknown>;
    return new BatchTensor(
      this,
      scope(() => rule({ inputs: values, batched, attributes, size: this.size, shape })),
    );
  }

  processFused(): never {
    throw new BackendError('Fused ops have no batching rule; the resolver composes them.');
  }

  /** Its tensors may not be used any more. */
  end(): void {
    this.#ended = true;
  }
}

function unreadable(method: string): LifetimeError {
  return new LifetimeError(
    `${method}: inside vmap a tensor stands for all rows of the batch at once and has no values of its own. Decide by ` +
      'select() on the device instead of reading, or read what vmap returns.',
  );
}
