import { ArgumentError, type Shape } from '@tempograd/core';

/** A tensor's values as they stand in a file. */
export interface OnnxTensor {
  readonly type: 'float' | 'double' | 'int32' | 'int64';
  readonly shape: Shape;
  /** Row-major. */
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array;
}

/** What an attribute can be; null stands for a kind that is not read, such as a graph. */
export type OnnxAttribute = number | string | readonly number[] | readonly string[] | OnnxTensor | null;

/** One operation of a graph. */
export interface OnnxNode {
  /** The operator's name, such as `LSTM`; one of another domain than ONNX's own is preceded by it, `com.microsoft.Gelu`. */
  readonly op: string;
  /** May be empty. */
  readonly name: string;
  /** Names of values; empty for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

/** An input or output of a graph. */
export interface OnnxValue {
  readonly name: string;
  /** Lengths, or names of axes that are open; null where the file does not say. */
  readonly shape: readonly (number | string)[] | null;
}

/** What an ONNX file holds, as far as it is of use here. */
export interface OnnxFile {
  readonly irVersion: number;
  /** Version of ONNX's own operators. */
  readonly opset: number;
  readonly producer: string;
  /** The `metadata_props`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Without those that have a value in the file. */
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Each after those whose outputs it takes. */
  readonly nodes: readonly OnnxNode[];
  /** Names of the tensors that the file has values for. */
  readonly tensorNames: readonly string[];
  /**
   * The values of a tensor, read when they are asked for: a file may hold others that cannot be read.
   * @throws OnnxError when there is no such tensor, its values are in another file, of a type that is not read, or not as many as
   * its shape says.
   */
  tensor(name: string): OnnxTensor;
}

/** @throws ArgumentError for what `readOnnx` has not made, such as the bytes themselves. */
export function requireFile(op: string, file: unknown): void {
  const given = file as Partial<OnnxFile> | null | undefined;
  if (typeof given?.tensor === 'function' && Array.isArray(given.nodes)) return;
  const what = file instanceof Uint8Array ? 'bytes' : given === null ? 'null' : `a value of type ${typeof file}`;
  throw new ArgumentError(`${op}: wanted a file as readOnnx(bytes) gives it, but was given ${what}.`);
}
