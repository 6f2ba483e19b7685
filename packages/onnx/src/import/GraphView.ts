import { readOnnxTensor, type HostTensor } from './hostTensor.js';
import type { OnnxFile, OnnxNode } from '../file/OnnxFile.js';

/** Operators that change at most where values lie, and which of them. */
const passing: ReadonlySet<string> = new Set([
  'Identity',
  'Squeeze',
  'Unsqueeze',
  'Transpose',
  'Reshape',
  'Flatten',
  'Dropout',
  'Cast',
  'Slice',
  'Gather',
]);

/** What brings values of several inputs together, or stretches them; by the places of the inputs that have values. */
const gathering: Readonly<Record<string, readonly number[] | 'all'>> = {
  Expand: [0],
  Split: [0],
  Where: [1, 2],
  Concat: 'all',
};

/** A graph, looked at from a value backwards. */
export class GraphView {
  readonly #file: OnnxFile;
  readonly #producers = new Map<string, OnnxNode>();
  readonly #users = new Map<string, OnnxNode[]>();
  readonly #stored: ReadonlySet<string>;

  constructor(file: OnnxFile) {
    this.#file = file;
    this.#stored = new Set(file.tensorNames);
    for (const node of file.nodes) {
      for (const output of node.outputs) this.#producers.set(output, node);
      for (const input of node.inputs) this.#users.set(input, [...(this.#users.get(input) ?? []), node]);
    }
  }

  /** The nodes that take a value. */
  usersOf(name: string): readonly OnnxNode[] {
    return this.#users.get(name) ?? [];
  }

  /** The name of a tensor of the file that a value is, perhaps transposed; null where it is computed from inputs. */
  constantName(name: string): { readonly name: string; readonly transposed: boolean } | null {
    let transposed = false;
    let current = name;
    while (!this.#stored.has(current)) {
      const node = this.#producers.get(current);
      if (node?.op === 'Transpose' && turnsMatrix(node)) transposed = !transposed;
      else if (node?.op !== 'Identity') return null;
      current = node.inputs[0] ?? '';
    }
    return { name: current, transposed };
  }

  /** The floats that a value is, whatever comes in; null where it is computed from inputs. */
  constant(name: string): HostTensor | null {
    const found = this.constantName(name);
    return found && readOnnxTensor(this.#file.tensor(found.name), found.name, found.transposed);
  }

  /** What made a value, nodes that only move values passed over: a node, or the name of an input. */
  sourceOf(name: string): OnnxNode | string {
    let current = name;
    for (;;) {
      const node = this.#producers.get(current);
      if (node === undefined) return current;
      // A Gather from a table is an embedding's.
      if (!passing.has(node.op) || (node.op === 'Gather' && this.constantName(node.inputs[0] ?? ''))) return node;
      current = node.inputs[0] ?? '';
    }
  }

  /** What keeps a carry from being an input or zeros, in words; null where it is one of these. */
  carryProblem(name: string): string | null {
    const seen = new Set<string>();
    const open = [name];
    for (let current = open.pop(); current !== undefined; current = open.pop()) {
      if (current === '' || seen.has(current)) continue;
      seen.add(current);
      if (this.#stored.has(current)) {
        if (this.#file.tensor(current).data.some((value) => Number(value) !== 0)) {
          return `it starts from "${current}", which is not all zeros`;
        }
        continue;
      }
      const node = this.#producers.get(current);
      if (node === undefined) continue;
      const places = passing.has(node.op) ? [0] : gathering[node.op];
      if (places !== undefined) {
        open.push(...node.inputs.filter((_, place) => places === 'all' || places.includes(place)));
      } else if (node.op === 'ConstantOfShape') {
        const value = node.attributes.get('value');
        const filled = typeof value === 'object' && value !== null && 'data' in value && Number(value.data[0]) !== 0;
        if (filled) return `it starts from a carry of ${Number(value.data[0])}`;
      } else return `it starts from a carry that ${node.op} computes`;
    }
    return null;
  }
}

/** Whether a `Transpose` makes rows columns. */
function turnsMatrix({ attributes }: OnnxNode): boolean {
  return JSON.stringify(attributes.get('perm') ?? [1, 0]) === '[1,0]';
}
