import type { Operand, Scalar, StepControls } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import type { Params } from '../engine/Params.js';
import type { Handle, PooledBuffer } from '../memory/Handle.js';
import { storageOf } from '../memory/Handle.js';
import packCode from './packScalars.wgsl.js';

export const packKernel: Kernel = {
  name: 'packScalars',
  code: packCode,
  bindings: ['read', 'read', 'read', 'read', 'write'],
};

/** Buffers of scalars that a step binds, and the slot that stands for a number. */
const slots = 3;

/** A device scalar's place, or a number. */
type Place = { readonly slot: number; readonly word: number } | number;

/** Learning rate, step, scale and guard, as `controls.wgsl` takes them. */
export class Controls {
  /** Of the first three bindings. */
  readonly buffers: readonly PooledBuffer[];
  readonly #places: readonly Place[];
  readonly #packed: Handle | null;

  private constructor(buffers: readonly PooledBuffer[], places: readonly Place[], packed: Handle | null) {
    this.buffers = buffers;
    this.#places = places;
    this.#packed = packed;
  }

  /**
   * The controls of a step that reads `gradient` and overwrites `written`. Scalars that lie there, or in more buffers than can be
   * bound, are brought together first, in a dispatch of its own.
   */
  static of(
    gpu: Gpu,
    { learningRate, step, scale, guard }: StepControls<Handle>,
    gradient: PooledBuffer,
    written: readonly PooledBuffer[],
  ): Controls {
    const scalars: readonly Scalar<Handle>[] = [learningRate, step, scale, guard ?? 0];
    const buffers: PooledBuffer[] = [];
    const places = scalars.map((x): Place => {
      if (typeof x === 'number') return x;
      const buffer = gpu.buffer(x);
      const known = buffers.indexOf(buffer);
      return { slot: known < 0 ? buffers.push(buffer) - 1 : known, word: x.handle.offset };
    });
    if (buffers.length <= slots && !buffers.some((buffer) => written.includes(buffer))) {
      while (buffers.length < slots) buffers.push(gradient);
      return new Controls(buffers, places, null);
    }
    const packed = pack(gpu, scalars);
    const { buffer } = storageOf(packed);
    return new Controls(
      [buffer, buffer, buffer],
      places.map((place, word) => (typeof place === 'number' ? place : { slot: 0, word })),
      packed,
    );
  }

  /** Appends them to a step's parameters. */
  append(params: Params): void {
    params.align();
    for (const place of this.#places) params.ints(typeof place === 'number' ? slots : place.slot);
    for (const place of this.#places) {
      if (typeof place === 'number') params.floats(place);
      else params.ints(place.word);
    }
  }

  /** Gives back what was made for them, once the step is enqueued. */
  release(gpu: Gpu): void {
    if (this.#packed !== null) gpu.heap.release(this.#packed);
  }
}

/** Four words: the device's scalars at their places, and anything where a number stands. */
function pack(gpu: Gpu, scalars: readonly Scalar<Handle>[]): Handle {
  const any = scalars.find((x) => typeof x !== 'number') as Operand<Handle>;
  const operands = scalars.map((x) => (typeof x === 'number' ? any : x));
  const packed = gpu.allocate([scalars.length], 'f32');
  gpu.begin().list(operands.map(({ handle }) => handle.offset));
  gpu.commands.run(packKernel, '', null, [...operands.map((x) => gpu.buffer(x)), storageOf(packed).buffer], 1);
  return packed;
}
