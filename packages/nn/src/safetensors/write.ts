import { bytesPerElement, formatShape, sizeOf } from '@tempograd/core/backend';
import { digestName, digestOf } from './digest.js';
import { formatOf, writeElements } from './elements.js';
import { shown } from './parseJson.js';
import { SafetensorsError } from './SafetensorsError.js';
import type { StoredTensor } from './StoredTensor.js';

/**
 * The bytes of a safetensors file. The same tensors and metadata give the same bytes: 8-byte elements come first, then by the order
 * given, and the data begins at a multiple of 8. A SHA-256 of all of it goes into the metadata, which `readSafetensors` verifies.
 * @throws SafetensorsError when a tensor's data does not fill its shape, or a name is one that the format or the digest keeps.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor> | Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  requireMetadata(metadata);
  const given: [string, StoredTensor][] =
    tensors instanceof Map ? [...(tensors as ReadonlyMap<string, StoredTensor>)] : Object.entries(tensors);
  let end = 0;
  const entries = given
    .sort(([, a], [, b]) => bytesPerElement(b.dtype) - bytesPerElement(a.dtype))
    .map(([name, { dtype, shape, data }]) => {
      requireWritable(name, { dtype, shape, data });
      const begin = end;
      end += sizeOf(shape) * bytesPerElement(dtype);
      return { name, dtype, format: formatOf[dtype], shape, data, begin, end };
    });
  // Every digest is as long as this one, so that the data has its place before there is one.
  const length = Math.ceil(headerOf(metadata, entries, '0'.repeat(64)).length / 8) * 8;
  const bytes = new Uint8Array(8 + length + end);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(length), true);
  for (const { dtype, data, begin } of entries) writeElements(dtype, data, view, 8 + length + begin);
  const stored = entries.map((entry) => ({
    ...entry,
    bytes: bytes.subarray(8 + length + entry.begin, 8 + length + entry.end),
  }));
  bytes.fill(0x20, 8, 8 + length);
  bytes.set(headerOf(metadata, entries, digestOf(metadata, stored)), 8);
  return bytes;
}

/** A tensor and its place in the data. */
interface Entry {
  readonly name: string;
  readonly format: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function headerOf(metadata: Readonly<Record<string, string>>, entries: readonly Entry[], digest: string): Uint8Array {
  const described = entries.map(({ name, format, shape, begin, end }): [string, unknown] => [
    name,
    { dtype: format, shape, data_offsets: [begin, end] },
  ]);
  const header = [['__metadata__', { ...metadata, [digestName]: digest }] as [string, unknown], ...described];
  return new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
}

function requireMetadata(metadata: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(metadata)) {
    if (name === digestName)
      throw new SafetensorsError(`Metadata cannot be named "${digestName}": the file's digest is. Rename or drop it.`);
    if (typeof value !== 'string')
      throw new SafetensorsError(
        `The metadata ${shown(name)} is a ${typeof value}, but the format takes strings alone. Make it one: JSON.stringify(value).`,
      );
  }
}

function requireWritable(name: string, { dtype, shape, data }: StoredTensor): void {
  if (name === '__metadata__')
    throw new SafetensorsError('A tensor cannot be named "__metadata__": the format keeps that name. Rename it.');
  if (!Object.hasOwn(formatOf, dtype))
    throw new SafetensorsError(
      `Tensor ${shown(name)} has dtype ${dtype}; ${Object.keys(formatOf).join(', ')} can be written.`,
    );
  if (data.length !== sizeOf(shape)) {
    throw new SafetensorsError(
      `Tensor ${shown(name)} of shape ${formatShape(shape)} needs ${sizeOf(shape)} values, but has ${data.length}.`,
    );
  }
}
