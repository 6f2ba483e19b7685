import { fromArray, scope, withBackend, type Tensor } from '@tempograd/core';
import type { Backend, DType, FloatDType, TypedArray } from '@tempograd/core/backend';
import type { HostArray } from '../host/HostArray.js';
import { writeAs, type Layout } from './layouts.js';

/** A backend and the float dtype that cases use on it. */
export class Device {
  readonly backend: Backend;
  readonly dtype: FloatDType;

  constructor(backend: Backend, dtype: FloatDType) {
    this.backend = backend;
    this.dtype = dtype;
  }

  /** A host array as a tensor here, in the current scope; `layout` says how it lies in memory. */
  write(x: HostArray, layout: Layout = 'plain'): Tensor {
    const dtype = this.dtypeOf(x);
    return writeAs(x, layout, (values, shape) => fromArray(values, shape, { backend: this.backend, dtype }));
  }

  dtypeOf(x: HostArray): DType {
    return x.kind === 'i32' ? 'i32' : this.dtype;
  }

  /** Runs `fn` here in a scope and reads the tensors it returns, all at once; nothing of it stays on the backend. */
  async run(fn: () => readonly Tensor[]): Promise<HostArray[]> {
    const results = withBackend(this.backend, () => scope(() => [...fn()]));
    try {
      return await Promise.all(results.map(async (x) => toHost(x, await x.read())));
    } finally {
      for (const x of results) x.dispose();
    }
  }

  /** Fills memory of these shapes with NaN and gives it back, so that an op which gets it again and leaves elements unwritten is seen. */
  soil(shapes: readonly HostArray[]): void {
    withBackend(this.backend, () =>
      scope(() => {
        for (const x of shapes)
          this.write({ ...x, values: new Float64Array(x.values.length).fill(x.kind === 'i32' ? -123_456_789 : NaN) });
      }),
    );
  }
}

function toHost(x: Tensor, values: TypedArray): HostArray {
  return { shape: x.shape, kind: x.dtype === 'i32' ? 'i32' : 'float', values: new Float64Array(values) };
}
