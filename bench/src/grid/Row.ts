/** The cells of the grid; `rnn` is the one with tanh. */
export const rowCells = ['rnn', 'lstm', 'gru'] as const;

/** A cell that no library has ready: the minimal gated unit (Zhou et al. 2016), which everyone writes step by step. */
export const ownCell = 'mgu';

/** What is timed: embedding → recurrent layers → linear head, and when it trains, cross-entropy, backward, clipping and Adam. */
export interface Row {
  readonly mode: 'train' | 'infer';
  readonly cell: (typeof rowCells)[number] | typeof ownCell;
  readonly layers: number;
  readonly hidden: number;
  readonly batch: number;
  readonly time: number;
  readonly vocabulary: number;
  readonly embedding: number;
}

const defaults = { vocabulary: 65, embedding: 64, embeddingOfOne: 32 };
const pattern =
  /^(?<mode>infer-)?(?<cell>rnn|lstm|gru|mgu)-(?:h|(?<layers>\d+)x)(?<hidden>\d+)-b(?<batch>\d+)-t(?<time>\d+)(?:-e(?<embedding>\d+))?(?:-v(?<vocabulary>\d+))?$/;

/** A row from its name: `lstm-h128-b32-t50`, `lstm-2x256-b32-t50-e128-v100`, `infer-gru-h64-b1-t1`. */
export function parseRow(id: string): Row {
  const parts = pattern.exec(id)?.groups;
  if (parts === undefined) {
    throw new Error(
      `"${id}" names no row. Write [infer-]<rnn|lstm|gru|mgu>-<h|LAYERSx>HIDDEN-bBATCH-tTIME[-eEMBEDDING][-vVOCABULARY], such as lstm-2x256-b32-t50-e128-v100.`,
    );
  }
  const batch = Number(parts['batch']);
  return {
    mode: parts['mode'] === undefined ? 'train' : 'infer',
    cell: parts['cell'] as Row['cell'],
    layers: Number(parts['layers'] ?? 1),
    hidden: Number(parts['hidden']),
    batch,
    time: Number(parts['time']),
    vocabulary: Number(parts['vocabulary'] ?? defaults.vocabulary),
    embedding: Number(parts['embedding'] ?? defaultEmbedding(batch)),
  };
}

/** The name of a row, as `parseRow` reads it. */
export function rowId(row: Row): string {
  const { mode, cell, layers, hidden, batch, time, embedding, vocabulary } = row;
  const size = layers === 1 ? `h${hidden}` : `${layers}x${hidden}`;
  const width = embedding === defaultEmbedding(batch) ? '' : `-e${embedding}`;
  const words = vocabulary === defaults.vocabulary ? '' : `-v${vocabulary}`;
  return `${mode === 'infer' ? 'infer-' : ''}${cell}-${size}-b${batch}-t${time}${width}${words}`;
}

function defaultEmbedding(batch: number): number {
  return batch === 1 ? defaults.embeddingOfOne : defaults.embedding;
}
