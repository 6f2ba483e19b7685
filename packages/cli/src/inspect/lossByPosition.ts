import { disposeTree, keep, scope, type Tensor } from '@tempograd/core';
import type { SequenceModelCarry } from '@tempograd/nn';
import type { Writer } from '../model/modelFile.js';
import { bits } from '../present/format.js';
import type { LossFigures } from './Inspection.js';
import type { Reading } from './Reading.js';

/** What reading the rows once leaves. */
export interface ReadOnce {
  readonly byPosition: LossFigures['byPosition'];
  /** The carry of all rows once `keepAt` steps are read; the caller's. */
  readonly carry: SequenceModelCarry;
}

/** Reads all rows from the initial carry on, and notes how well it foretells what comes by how much it has read. */
export async function lossByPosition({ model, params }: Writer, reading: Reading, keepAt: number): Promise<ReadOnce> {
  const rows = reading.rows.length;
  let carry = scope(() => keep(model.initialCarry(params, rows)));
  let kept: SequenceModelCarry | null = null;
  const losses: Tensor[] = [];
  const pieces = piecesOf(reading.steps, keepAt);
  for (const [from, to] of pieces) {
    const before = carry;
    scope(() => {
      const stretch = reading.stretch(from, to);
      const context = { from, key: null };
      const run = model.forward(params, before, stretch, context);
      losses.push(keep(model.loss(params, run.output, stretch, context)));
      carry = keep(run.carry);
    });
    if (before !== kept) disposeTree(before);
    if (to === keepAt) kept = carry;
  }
  if (carry !== kept) disposeTree(carry);
  const sums: number[] = [];
  for (const loss of losses) sums.push((await loss.read())[0] as number);
  disposeTree(losses);
  return {
    byPosition: pieces.map(([from, to], at) => ({ from, to, bits: bits((sums[at] as number) / ((to - from) * rows)) })),
    carry: kept as SequenceModelCarry,
  };
}

/** Where pieces are cut: each about a third longer than what was read before it, and one cut at `at`. */
function piecesOf(steps: number, at: number): [from: number, to: number][] {
  const cuts = new Set([0, at, steps]);
  for (let cut = 1; cut < steps; cut = Math.ceil(cut * 1.35)) cuts.add(cut);
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.slice(1).map((to, index) => [sorted[index] as number, to]);
}
