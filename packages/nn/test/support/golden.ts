import { readFileSync } from 'node:fs';
import { fromArray, type DType, type Tensor } from '@tempograd/core';
import { readSafetensors, type SafetensorsFile } from '../../src/safetensors/index.js';

const folder = new URL('../golden/', import.meta.url);

/** An entry of the manifest; which fields it has depends on its role. */
export interface GoldenEntry {
  readonly file: string;
  readonly role: string;
  readonly dtype: 'f32' | 'f64';
  readonly weights?: string;
  readonly variants?: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

/** All entries of a role. */
export function goldenEntries(role: string): GoldenEntry[] {
  const manifest = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')) as { files: GoldenEntry[] };
  return manifest.files.filter((entry) => entry.role === role);
}

/** A golden file's tensors, made on the selected backend. */
export class Golden {
  readonly file: SafetensorsFile;

  constructor(name: string) {
    this.file = readSafetensors(readFileSync(new URL(name, folder)));
  }

  /** Names that begin with `prefix`, without it. */
  names(prefix: string): string[] {
    return [...this.file.tensors.keys()]
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length));
  }

  has(name: string): boolean {
    return this.file.tensors.has(name);
  }

  values(name: string): Float64Array {
    return Float64Array.from(this.stored(name).data);
  }

  tensor(name: string, dtype?: DType): Tensor {
    const { data, shape, dtype: own } = this.stored(name);
    return fromArray(data, shape, { dtype: dtype ?? own });
  }

  /** Every tensor named `prefix…`, by the rest of its name. */
  tree(prefix: string): Record<string, Tensor> {
    return Object.fromEntries(this.names(prefix).map((name) => [name, this.tensor(prefix + name)]));
  }

  private stored(name: string) {
    const found = this.file.tensors.get(name);
    if (found === undefined) throw new Error(`The golden file has no tensor "${name}".`);
    return found;
  }
}
