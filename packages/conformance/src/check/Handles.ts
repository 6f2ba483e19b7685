import { makeTypedArray, sizeOf, type Operand } from '@tempograd/core/backend';
import { floats, type HostArray } from '../host/HostArray.js';
import type { Check } from './Check.js';

/** Handles of a backend, used without core in between; all are released at the end. */
export class Handles {
  readonly #check: Check;
  readonly #held: Operand[] = [];

  constructor(check: Check) {
    this.#check = check;
  }

  write(x: HostArray): Operand {
    const dtype = this.#check.device.dtypeOf(x);
    const data = makeTypedArray(dtype, sizeOf(x.shape));
    data.set(x.values);
    return this.hold({ handle: this.#check.context.backend.write(data, x.shape, dtype), shape: x.shape, dtype });
  }

  hold(x: Operand): Operand {
    this.#held.push(x);
    return x;
  }

  async read(x: Operand): Promise<HostArray> {
    return floats(x.shape, await this.#check.context.backend.read(x));
  }

  releaseAll(): void {
    for (const { handle } of this.#held.splice(0)) this.#check.context.backend.release(handle);
  }
}
