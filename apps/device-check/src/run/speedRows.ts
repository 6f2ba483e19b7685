/** A model whose training is timed: embedding, an LSTM, a linear head, cross-entropy, clipping and Adam, on characters. */
export interface SpeedRow {
  readonly id: string;
  readonly title: string;
  readonly hidden: number;
  readonly embedding: number;
  readonly batch: number;
  readonly steps: number;
}

/** One model that keeps a device busy, and one that shows what each small step costs. */
export const speedRows: readonly SpeedRow[] = [
  { id: 'lstm-h128-b32-t50', title: 'LSTM 128, batch 32', hidden: 128, embedding: 64, batch: 32, steps: 50 },
  { id: 'lstm-h64-b1-t50', title: 'LSTM 64, batch 1', hidden: 64, embedding: 32, batch: 1, steps: 50 },
];
