import type { Shape } from '@tempograd/core';
import { checkOptions, formatShape, optionTable, sizeOf, type OptionTable } from '@tempograd/core/backend';
import { digestName, digestOf } from './digest.js';
import { bytesOfFormat, readableFormats, readElements } from './elements.js';
import { parseJson, shown } from './parseJson.js';
import { SafetensorsError } from './SafetensorsError.js';
import type { SafetensorsFile, StoredTensor } from './StoredTensor.js';

/** How to read a file. */
export interface ReadOptions {
  /** Whether a file that has a digest must match it; default is true. With false, damaged values are read as they are. */
  readonly verify?: boolean;
}

/** Kinds of `ReadOptions`. */
export const readTable: OptionTable = optionTable<ReadOptions>({ verify: 'boolean' });

/** A tensor as the header describes it. */
interface Entry {
  readonly name: string;
  readonly format: string;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

/** The format's own limit on the header, 100 MB, so that a damaged length is not taken at its word. */
const longestHeader = 100_000_000;

/** The header, a tensor's description in it, and its lists. */
const deepestHeader = 3;

/** More than any program has. */
const mostAxes = 64;

/**
 * Reads a safetensors file. F64, F32 and I32 are read as they are; F16 and BF16 become f32, exactly; I64 becomes i32, and a value
 * that does not fit is an error. Values are copied. The SHA-256 in the metadata of files written here is verified, and left out of
 * what is returned; files of others have none. Source: github.com/huggingface/safetensors, "Format".
 * @throws SafetensorsError when anything about the file is not right; then nothing was read.
 */
export function readSafetensors(bytes: Uint8Array, options: ReadOptions = {}): SafetensorsFile {
  checkOptions('readSafetensors', options, readTable);
  const { verify = true } = options;
  if (!ArrayBuffer.isView(bytes))
    throw new SafetensorsError('readSafetensors takes the bytes of a file: give it a Uint8Array.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begin = headEnd(bytes, bytes.length);
  const { entries, metadata } = parseHead(bytes.subarray(0, begin), bytes.length);
  const { [digestName]: digest, ...rest } = metadata;
  if (verify && digest !== undefined) requireDigest(digest, rest, entries, bytes.subarray(begin));
  const tensors = new Map<string, StoredTensor>();
  for (const { name, format, shape, begin: at } of entries) {
    try {
      tensors.set(name, { shape, ...readElements(format, view, begin + at, sizeOf(shape)) });
    } catch (error) {
      if (error instanceof SafetensorsError)
        throw new SafetensorsError(`Tensor ${shown(name)} cannot be read: ${error.message}`);
      throw error;
    }
  }
  return { tensors, metadata: rest };
}

/**
 * Where the header of a file of `size` bytes ends, by its first 8.
 * @throws SafetensorsError where there is none, or its length makes no sense.
 */
export function headEnd(bytes: Uint8Array, size: number): number {
  if (size < 8) throw damaged(`it has ${size} bytes, and the length of the header alone takes 8`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true));
  if (length > longestHeader) {
    const other = whatElse(bytes);
    if (other !== null) throw new SafetensorsError(`This is no safetensors file: it begins like ${other}.`);
    throw damaged(`its header is said to have ${length} bytes, and the most allowed is ${longestHeader}`);
  }
  if (8 + length <= size) return 8 + length;
  throw damaged(`its header is said to have ${length} bytes, but only ${size - 8} follow; the file is cut off`);
}

/**
 * What a file of `size` bytes holds, by all that stands before its data.
 * @throws SafetensorsError for what is no header, or not that of so many bytes.
 */
export function parseHead(head: Uint8Array, size: number): { entries: Entry[]; metadata: Record<string, string> } {
  const header = parseHeader(head.subarray(8));
  checkOffsets(header.entries, size - head.length);
  return header;
}

function requireDigest(
  digest: string,
  metadata: Readonly<Record<string, string>>,
  entries: readonly Entry[],
  data: Uint8Array,
): void {
  const found = digestOf(
    metadata,
    entries.map((entry) => ({ ...entry, bytes: data.subarray(entry.begin, entry.end) })),
  );
  if (found === digest) return;
  throw damaged(
    `what it holds has the SHA-256 ${found}, but was written with ${shown(digest)}; it was damaged, or changed by a program that ` +
      'kept its metadata. Take another copy, or read it all the same, without verifying it ({ verify: false }; --no-verify on the command line)',
  );
}

function parseHeader(bytes: Uint8Array): { entries: Entry[]; metadata: Record<string, string> } {
  if (bytes[0] !== 0x7b) throw damaged('its header does not begin with {');
  let header: unknown;
  try {
    header = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes), deepestHeader);
  } catch (cause) {
    throw damaged(`its header is not the JSON, in UTF-8, that it should be (${(cause as Error).message})`, cause);
  }
  const { __metadata__: metadata = {}, ...described } = header as Record<string, unknown>;
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw damaged('its __metadata__ is not an object of strings');
  }
  const entries = Object.entries(described).map(([name, entry]) => parseEntry(name, entry));
  return { entries, metadata: metadata as Record<string, string> };
}

function parseEntry(name: string, entry: unknown): Entry {
  const { dtype: format, shape, data_offsets: offsets } = isObject(entry) ? entry : {};
  if (typeof format !== 'string' || !isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw damaged(`tensor ${shown(name)} lacks a dtype, a shape, or two data_offsets of whole numbers ≥ 0`);
  }
  if (shape.length > mostAxes) throw damaged(`tensor ${shown(name)} has ${shape.length} axes`);
  const width = bytesOfFormat(format);
  if (width === null) {
    throw new SafetensorsError(
      `Tensor ${shown(name)} has dtype ${shown(format)}, which cannot be read; ${readableFormats.join(', ')} can. Convert it before saving.`,
    );
  }
  const [begin, end] = offsets as [number, number];
  if (end - begin !== width * sizeOf(shape)) {
    throw damaged(
      `tensor ${shown(name)} of ${format}${formatShape(shape)} needs ${width * sizeOf(shape)} bytes, but its offsets ${begin} to ${end} hold ${end - begin}`,
    );
  }
  return { name, format, shape, begin, end };
}

/** The format wants tensors to follow one another without gap or overlap, up to the file's end. */
function checkOffsets(entries: readonly Entry[], available: number): void {
  let reached = 0;
  let before = 'the header';
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin < reached)
      throw damaged(`tensor ${shown(name)} begins at byte ${begin}, inside ${before}, which ends at ${reached}`);
    if (begin > reached)
      throw damaged(`bytes ${reached} to ${begin}, between ${before} and tensor ${shown(name)}, belong to no tensor`);
    if (end > available)
      throw damaged(
        `tensor ${shown(name)} ends at byte ${end}, but only ${available} bytes follow the header; the file is cut off`,
      );
    reached = end;
    before = `tensor ${shown(name)}`;
  }
  if (reached !== available) throw damaged(`bytes ${reached} to ${available}, after ${before}, belong to no tensor`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

/** What a file is, by its first bytes, that was taken for one of safetensors; null where it is not clear. */
function whatElse(bytes: Uint8Array): string | null {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, 64));
  if (/^\s*<(!doctype|html|\?xml|head|body)/i.test(text))
    return 'a web page; does the address exist? Many servers answer with their front page where there is nothing';
  if (text.startsWith('PK'))
    return "an archive; PyTorch's own files are such: save them with safetensors.torch.save_file";
  // A first field that is the number of a version.
  if (bytes[0] === 8 && (bytes[1] ?? 0) >= 3 && (bytes[1] ?? 0) <= 20)
    return 'an ONNX file; importModel(readOnnx(bytes)) of @tempograd/onnx reads it';
  return /^[\s!-~]{16}/.test(text) ? 'a text' : null;
}

function damaged(what: string, cause?: unknown): SafetensorsError {
  return new SafetensorsError(
    `This is not a whole safetensors file: ${what}.`,
    cause === undefined ? undefined : { cause },
  );
}
