import {
  columnTitle,
  formatError,
  type Cell,
  type ComparedField,
  type Comparison,
} from '@tempograd/conformance/report';
import { bold, dim, red } from './format.js';

/** A piece of a line: padded, so that what stands behind it is in its column. */
interface Piece {
  readonly text: string;
  readonly style: (text: string) => string;
}

const plain = (text: string): string => text;
const betweenBackends = '  ';

/** A table op × backend of errors and paths: as many backends side by side as there is room for, the others below. */
export function comparisonTable({ columns, rows: all }: Comparison, width: number): string {
  const rows = all.filter(({ fields }) => fields.some(hasFigures));
  const ops = padded(['', 'op', ...rows.map(({ op }) => op)]).map((text, index) => ({
    text,
    style: index < 2 ? dim : plain,
  }));
  const blocks: Piece[][][] = [];
  let room = 0;
  for (const [index, column] of columns.entries()) {
    const pieces = backendPieces(
      columnTitle(column),
      rows.map(({ fields }) => fields[index] ?? null),
    );
    const wide = widthOf(pieces) + betweenBackends.length;
    if (wide > room) {
      blocks.push([ops]);
      room = width - widthOf(ops);
    }
    (blocks.at(-1) as Piece[][]).push(pieces);
    room -= wide;
  }
  return blocks.map(linesOf).join('\n\n');
}

/** Ops that have cases of memory or of paths alone are shown when one fails. */
function hasFigures(field: ComparedField | null): boolean {
  return field !== null && (field.value !== null || field.gradient !== null || field.failed > 0);
}

function linesOf(block: readonly (readonly Piece[])[]): string {
  const lines = (block[0] as readonly Piece[]).map((_, line) => block.map((pieces) => pieces[line] as Piece));
  return lines
    .map((pieces) => {
      const last = pieces.findLastIndex(({ text }) => text.trim() !== '');
      return pieces
        .slice(0, last + 1)
        .map(({ text, style }, index) => style(index === last ? text.trimEnd() : text))
        .join(betweenBackends);
    })
    .join('\n');
}

/** A backend's name, the heads of its figures, and its figures of every op. */
function backendPieces(title: string, fields: readonly (ComparedField | null)[]): Piece[] {
  const paths = padded(fields.map(pathOf));
  const values = figures(
    'value',
    fields.map((field) => errorOf(field?.value)),
  );
  const gradients = figures(
    'grad',
    fields.map((field) => errorOf(field?.gradient)),
  );
  const heads = `${values[0]} ${gradients[0]}`;
  const lines = fields.map((field, index) => ({
    text: field === null ? '' : `${values[index + 1]} ${gradients[index + 1]} ${paths[index]}`,
    style: field !== null && field.failed > 0 ? red : plain,
  }));
  const all: Piece[] = [{ text: title, style: bold }, { text: heads, style: dim }, ...lines];
  const texts = padded(all.map(({ text }) => text.trimEnd()));
  return all.map(({ style }, index) => ({ text: texts[index] as string, style }));
}

function errorOf(cell: Cell | null | undefined): string {
  if (cell === null || cell === undefined) return '–';
  if (cell.failed > 0) return `✗ ${cell.failed}`;
  return cell.worst === null ? 'exact' : formatError(cell.worst.error);
}

/** `f`, `c` or both; failures of other kinds, and deviations. */
function pathOf(field: ComparedField | null): string {
  if (field === null) return '';
  const { path, value, gradient, failed, deviating } = field;
  const elsewhere = failed - (value?.failed ?? 0) - (gradient?.failed ?? 0);
  const letters = path.replace('composed', 'c').replace('fused', 'f').replace(', ', '');
  return letters + (elsewhere > 0 ? `✗${elsewhere}` : '') + (deviating > 0 ? '≠' : '');
}

/** A head and what stands below it, to the right. */
function figures(head: string, texts: readonly string[]): string[] {
  const width = Math.max(head.length, ...texts.map(({ length }) => length));
  return [head, ...texts].map((text) => text.padStart(width));
}

function padded(texts: readonly string[]): string[] {
  const width = Math.max(...texts.map(({ length }) => length));
  return texts.map((text) => text.padEnd(width));
}

function widthOf(pieces: readonly Piece[]): number {
  return pieces[0]?.text.length ?? 0;
}
