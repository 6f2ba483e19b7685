import { fromArray, type Shape, type Tensor } from '@tempograd/core';
import { formatShape } from '@tempograd/core/backend';
import type { InitOptions } from '@tempograd/nn';
import type { OnnxTensor } from '../file/OnnxFile.js';
import { OnnxError } from '../OnnxError.js';

/** Floats of a file, ready to become a tensor. */
export interface HostTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array | Float64Array;
}

/** @throws OnnxError unless it is of floats, and of two axes where it is to be transposed. */
export function readOnnxTensor(tensor: OnnxTensor, name: string, transposed: boolean): HostTensor {
  const { type, shape, data } = tensor;
  if (!(data instanceof Float32Array || data instanceof Float64Array)) {
    throw new OnnxError(`Tensor "${name}" is of ${type}, where weights should be floats.`);
  }
  const host = { name, shape, data };
  return transposed ? transposeHost(host) : host;
}

/** Rows become columns. @throws OnnxError unless it is a matrix. */
export function transposeHost({ name, shape, data }: HostTensor): HostTensor {
  const [rows, columns] = shape;
  if (rows === undefined || columns === undefined || shape.length !== 2) {
    throw new OnnxError(`Tensor "${name}" is transposed and should be a matrix, but is ${formatShape(shape)}.`);
  }
  const turned = data.slice();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      turned[column * rows + row] = data[row * columns + column] as number;
    }
  }
  return { name, shape: [columns, rows], data: turned };
}

/** Makes the tensor. */
export function toTensor({ shape, data }: HostTensor, options: InitOptions): Tensor {
  return fromArray(data, shape, options);
}

/** @throws OnnxError unless the tensor has this shape. */
export function requireHostShape(tensor: HostTensor, wanted: Shape, what: string): void {
  const { name, shape } = tensor;
  if (shape.length === wanted.length && shape.every((length, axis) => length === wanted[axis])) return;
  throw new OnnxError(`Tensor "${name}" should be ${formatShape(wanted)} as ${what}, but is ${formatShape(shape)}.`);
}
