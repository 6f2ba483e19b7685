import type { JsHandle } from '@tempograd/backend-js';
import type { DType, Shape, TensorType } from '@tempograd/core/backend';
import type { JsBackend, JsOperand } from '../mutants/Mutant.js';

/** Handles that one call makes on the way to its results, all released at its end but the results. */
export class Handles {
  readonly real: JsBackend;
  readonly #made = new Set<JsHandle>();

  constructor(real: JsBackend) {
    this.real = real;
  }

  hold(handle: JsHandle, { shape, dtype }: TensorType): JsOperand {
    this.#made.add(handle);
    return { handle, shape, dtype };
  }

  fill(shape: Shape, value: number, dtype: DType): JsOperand {
    return this.hold(this.real.fill(shape, value, dtype), { shape, dtype });
  }

  reshape(x: JsOperand, shape: Shape): JsOperand {
    return this.hold(this.real.reshape(x, shape), { shape, dtype: x.dtype });
  }

  /** Row t along the first axis, which disappears. */
  row(x: JsOperand, t: number): JsOperand {
    const size = [1, ...x.shape.slice(1)];
    const begin = size.map((_, axis) => (axis === 0 ? t : 0));
    return this.reshape(this.hold(this.real.slice(x, begin, size), { shape: size, dtype: x.dtype }), x.shape.slice(1));
  }

  /** Tensors of one type along a new first axis. */
  stack(xs: readonly JsOperand[]): JsOperand {
    const [{ shape, dtype }] = xs as [JsOperand];
    const rows = xs.map((x) => this.reshape(x, [1, ...shape]));
    return this.hold(this.real.concat(rows, 0), { shape: [xs.length, ...shape], dtype });
  }

  add(a: JsOperand, b: JsOperand): JsOperand {
    return this.hold(this.real.binary('add', a, b), a);
  }

  /** `valid [batch] ≠ 0 ? a : b`, row by row; a null mask is all ones, a null tensor zeros. */
  choose(valid: JsOperand | null, a: JsOperand | null, b: JsOperand | null, { shape, dtype }: TensorType): JsOperand {
    if (valid === null) return a ?? this.fill(shape, 0, dtype);
    const rows = this.reshape(valid, [...valid.shape, ...shape.slice(1).map(() => 1)]);
    const [yes, no] = [a ?? this.fill(shape, 0, dtype), b ?? this.fill(shape, 0, dtype)];
    return this.hold(this.real.select(rows, yes, no), { shape, dtype });
  }

  /** A handle of its own for a result that may be an argument, or stand in two places. */
  result(x: JsOperand): JsOperand {
    return { ...x, handle: this.real.reshape(x, x.shape) };
  }

  releaseAll(): void {
    for (const handle of this.#made) this.real.release(handle);
    this.#made.clear();
  }
}
