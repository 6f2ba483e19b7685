import { create } from '@bufbuild/protobuf';
import type { Shape } from '@tempograd/core';
import { formatShape } from '@tempograd/core/backend';
import { OnnxError } from '../OnnxError.js';
import { TensorProtoSchema, type TensorProto } from '../proto/onnx_pb.js';
import type { OnnxTensor } from './OnnxFile.js';

/** How one element type is read and written: its number in the format, and its bytes, little-endian. */
interface ElementType {
  readonly number: number;
  readonly bytes: number;
  readonly typed: (tensor: TensorProto) => ArrayLike<number> | ArrayLike<bigint>;
  readonly fromRaw: (view: DataView, count: number) => OnnxTensor['data'];
  readonly fromTyped: (values: ArrayLike<number> | ArrayLike<bigint>) => OnnxTensor['data'];
}

const elementTypes: Readonly<Record<OnnxTensor['type'], ElementType>> = {
  float: {
    number: 1,
    bytes: 4,
    typed: ({ floatData }) => floatData,
    fromRaw: (view, count) => Float32Array.from({ length: count }, (_, index) => view.getFloat32(4 * index, true)),
    fromTyped: (values) => Float32Array.from(values as ArrayLike<number>),
  },
  double: {
    number: 11,
    bytes: 8,
    typed: ({ doubleData }) => doubleData,
    fromRaw: (view, count) => Float64Array.from({ length: count }, (_, index) => view.getFloat64(8 * index, true)),
    fromTyped: (values) => Float64Array.from(values as ArrayLike<number>),
  },
  int32: {
    number: 6,
    bytes: 4,
    typed: ({ int32Data }) => int32Data,
    fromRaw: (view, count) => Int32Array.from({ length: count }, (_, index) => view.getInt32(4 * index, true)),
    fromTyped: (values) => Int32Array.from(values as ArrayLike<number>),
  },
  int64: {
    number: 7,
    bytes: 8,
    typed: ({ int64Data }) => int64Data,
    fromRaw: (view, count) => BigInt64Array.from({ length: count }, (_, index) => view.getBigInt64(8 * index, true)),
    fromTyped: (values) => BigInt64Array.from(values as ArrayLike<bigint>),
  },
};

/** Numbers of the element types in the format. */
export const elementNumbers = { float: 1, int32: 6, int64: 7, bool: 9 } as const;

/** Names of element types that are not read, by number. */
const otherTypes: Readonly<Record<number, string>> = {
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  8: 'string',
  9: 'bool',
  10: 'float16',
  12: 'uint32',
  13: 'uint64',
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
};

/** @throws OnnxError when the values are elsewhere, of a type that is not read, or not as many as the shape says. */
export function readTensor(tensor: TensorProto): OnnxTensor {
  const { name, dims, dataType, rawData, dataLocation } = tensor;
  if (dataLocation === 1) {
    throw new OnnxError(
      `The values of tensor "${name}" are in another file (external data), which is not read. Save the model as one file, ` +
        'in Python by onnx.save(onnx.load(path), other_path).',
    );
  }
  const entry = Object.entries(elementTypes).find(([, { number }]) => number === dataType);
  if (entry === undefined) {
    throw new OnnxError(
      `Tensor "${name}" is of ${otherTypes[dataType] ?? `type number ${dataType}`}; what is read is float, double, int32 and ` +
        'int64. Convert the model to one of these.',
    );
  }
  const [type, element] = entry as [OnnxTensor['type'], ElementType];
  const shape = shapeOf(name, dims);
  const count = shape.reduce((product, length) => product * length, 1);
  const raw = rawData.length > 0;
  const has = raw ? rawData.length / element.bytes : element.typed(tensor).length;
  if (has !== count) {
    throw new OnnxError(
      `Tensor "${name}" should have ${count} elements, for its shape is ${formatShape(shape)}, but the file has ${has}. ` +
        'The file is damaged.',
    );
  }
  const data = raw
    ? element.fromRaw(new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength), count)
    : element.fromTyped(element.typed(tensor));
  return { type, shape, data };
}

/** A tensor for a file. */
export function writeTensor(name: string, shape: Shape, data: Float32Array | readonly bigint[]): TensorProto {
  const dims = shape.map(BigInt);
  if (!(data instanceof Float32Array)) {
    return create(TensorProtoSchema, { name, dims, dataType: elementNumbers.int64, int64Data: [...data] });
  }
  const rawData = new Uint8Array(4 * data.length);
  const view = new DataView(rawData.buffer);
  for (let index = 0; index < data.length; index++) view.setFloat32(4 * index, data[index] as number, true);
  return create(TensorProtoSchema, { name, dims, dataType: elementNumbers.float, rawData });
}

function shapeOf(name: string, dims: readonly bigint[]): number[] {
  const shape = dims.map(Number);
  // A product beyond whole numbers is compared with the file's length all the same.
  if (shape.every((length) => Number.isSafeInteger(length) && length >= 0)) return shape;
  throw new OnnxError(
    `Tensor "${name}" has the shape [${dims.join(', ')}], which no tensor can have. The file is damaged.`,
  );
}
