import { parseRow, rowCells, rowId, type Row } from './Row.js';

/** The short form: the rows that the targets are about, and streaming one character at a time, one stream and 64 joined, and a cell of one's own. */
export const shortRows: readonly Row[] = [
  'lstm-h128-b32-t50',
  'gru-h128-b32-t50',
  'rnn-h128-b32-t50',
  'lstm-2x256-b32-t50-e128-v100',
  'lstm-h512-b32-t50-e128',
  'lstm-h64-b1-t50',
  'lstm-h64-b1-t1',
  'infer-lstm-h64-b1-t1',
  'infer-lstm-h128-b64-t1',
  'mgu-h128-b32-t50',
].map(parseRow);

/** In a browser: rows that a software driver gets through, then those of the short form that train. */
export const browserRows: readonly Row[] = [
  ...['lstm-h32-b8-t16', 'gru-h32-b8-t16', 'rnn-h32-b8-t16'].map(parseRow),
  ...shortRows.filter(({ mode }) => mode === 'train'),
];

/** The long form: the short one, then every cell at every size, small ones first. */
export function longRows(): Row[] {
  const grid = [50, 200, 1000].flatMap((time) =>
    [64, 128, 256, 512, 1024].flatMap((hidden) =>
      [1, 8, 32, 128].flatMap((batch) => rowCells.map((cell) => parseRow(`${cell}-h${hidden}-b${batch}-t${time}`))),
    ),
  );
  return [...new Map([...shortRows, ...grid].map((row) => [rowId(row), row])).values()];
}
