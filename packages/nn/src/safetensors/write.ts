import { bytesPerElement, formatShape, sizeOf } from '@tempograd/core/backend';
import { formatOf, writeElements } from './elements.js';
import { SafetensorsError } from './SafetensorsError.js';
import type { StoredTensor } from './StoredTensor.js';

/**
 * The bytes of a safetensors file. The same tensors and metadata give the same bytes: 8-byte elements come first, then by the order
 * given, and the data begins at a multiple of 8.
 * @throws SafetensorsError when a tensor's data does not fill its shape, or one is named `__metadata__`.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor> | Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const given: [string, StoredTensor][] =
    tensors instanceof Map ? [...(tensors as ReadonlyMap<string, StoredTensor>)] : Object.entries(tensors);
  const entries = given.sort(([, a], [, b]) => bytesPerElement(b.dtype) - bytesPerElement(a.dtype));
  let end = 0;
  const described = entries.map(([name, tensor]): [string, unknown] => {
    requireWritable(name, tensor);
    const begin = end;
    end += sizeOf(tensor.shape) * bytesPerElement(tensor.dtype);
    return [name, { dtype: formatOf[tensor.dtype], shape: tensor.shape, data_offsets: [begin, end] }];
  });
  const leading = Object.keys(metadata).length === 0 ? [] : [['__metadata__', metadata] as [string, unknown]];
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries([...leading, ...described])));
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + end);
  bytes.fill(0x20, 8, 8 + length);
  bytes.set(text, 8);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(length), true);
  let at = 8 + length;
  for (const [, { dtype, data }] of entries) {
    writeElements(dtype, data, view, at);
    at += data.length * bytesPerElement(dtype);
  }
  return bytes;
}

function requireWritable(name: string, { shape, data }: StoredTensor): void {
  if (name === '__metadata__')
    throw new SafetensorsError('A tensor cannot be named "__metadata__": the format keeps that name. Rename it.');
  if (data.length !== sizeOf(shape)) {
    throw new SafetensorsError(
      `Tensor "${name}" of shape ${formatShape(shape)} needs ${sizeOf(shape)} values, but has ${data.length}.`,
    );
  }
}
