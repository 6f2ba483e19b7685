import { formatShape, sizeOf, type Backend, type DType, type Operand, type Shape } from '../../backend/index.js';
import { formatNumbers } from './formatNumbers.js';
import { formatRows } from './formatRows.js';
import { readEdges } from './readEdges.js';

/** What a tensor has to say of itself. */
export interface Printable {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly backend: Backend;
  /** What it is beside a plain tensor, `disposed of`; empty if nothing. */
  readonly notes: readonly string[];
  /** What holds its values; null where it has none. */
  readonly values: Operand | null;
}

/** A line that says what a tensor is. */
export function titleOf({ shape, dtype, backend, notes }: Printable): string {
  return [`Tensor ${dtype}${formatShape(shape)} on ${backend.name}`, ...notes].join(', ');
}

/** What a console shows of a tensor: what it is, and its values where they can be read at once. It throws nothing. */
export function printTensor(printable: Printable): string {
  const title = titleOf(printable);
  const { backend, values } = printable;
  if (values === null) return title;
  if (backend.readSync === undefined) return `${title}; for its values: await tensor.read()`;
  try {
    if (sizeOf(values.shape) === 0) return `${title}: no values`;
    const edges = readEdges(backend, values);
    if (edges === null) return `${title}; it has too many axes to show its values: tensor.readSync()`;
    const rows = formatRows(formatNumbers([...edges.values]), edges.shape, values.shape);
    return rows.includes('\n') ? `${title}:\n${rows}` : `${title}: ${rows}`;
  } catch (error) {
    return `${title}; its values cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
