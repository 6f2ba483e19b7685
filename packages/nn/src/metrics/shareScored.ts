import { ArgumentError, disposeTree, shareTree, Tensor } from '@tempograd/core';
import type { PredictionKind, Scored } from './Metric.js';

const kinds: readonly PredictionKind[] = ['classes', 'binary', 'numbers'];

/** What a task's `scored` gave, outside every scope; null for nothing. @throws ArgumentError for what is something else. */
export function shareScored(op: string, scored: Scored | null | undefined): Scored | null {
  if (scored === null || scored === undefined) return null;
  const { kind, predictions, targets, mask = null } = scored;
  const isWhole =
    predictions instanceof Tensor && targets instanceof Tensor && (mask === null || mask instanceof Tensor);
  if (!kinds.includes(kind) || !isWhole)
    throw new ArgumentError(
      `${op}: scored() of the task must return { kind, predictions, targets, mask }: a kind that is one of ${kinds.join(', ')}, two tensors, ` +
        `and a mask or null; but the kind is ${kind}, the predictions are ${String(predictions)} and the targets ${String(targets)}.`,
    );
  return { kind, ...shareTree({ predictions, targets, mask }) };
}

export function disposeScored(scored: Scored | null): void {
  if (scored !== null) disposeTree([scored.predictions, scored.targets, scored.mask]);
}
