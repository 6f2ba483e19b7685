import { TempogradError, treeEntries, type TypedArray } from '@tempograd/core';
import type { Checkpoint } from './checkpoint/Checkpoint.js';

/** The last update whose loss and gradient were finite. */
export interface LastGood {
  readonly update: number;
  readonly loss: number;
  readonly gradientNorm: number;
}

/**
 * Loss or gradient were not finite, and the parameters were not touched: they are those after the last good update. Or that update
 * left parameters that are not finite, found when they were to be saved or at the next one.
 */
export class DivergenceError extends TempogradError {
  override name = 'DivergenceError';
  /** Number of the update that failed, from 1. */
  readonly update: number;
  /** The first tensor, in the order of computing, that holds a number that is not finite, `gradient: rnn.weight_hh_l0`. */
  readonly tensor: string;
  readonly loss: number;
  readonly gradientNorm: number;
  /** Null when there was none in this run. */
  readonly lastGood: LastGood | null;

  constructor(
    message: string,
    facts: { update: number; tensor: string; loss: number; gradientNorm: number; lastGood: LastGood | null },
  ) {
    super(message);
    this.update = facts.update;
    this.tensor = facts.tensor;
    this.loss = facts.loss;
    this.gradientNorm = facts.gradientNorm;
    this.lastGood = facts.lastGood;
  }
}

/** What is known of an update that failed; trees in the order in which their numbers were computed. */
export interface FailedUpdate {
  readonly update: number;
  /** Where in the data it is, in words. */
  readonly where: string;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly lastGood: LastGood | null;
  readonly clipped: boolean;
  /** What of the data does not fit the task, in words; null where nothing is known of it. */
  readonly fault: string | null;
  readonly trees: Readonly<Record<'data' | 'params' | 'carry' | 'gradient', unknown>>;
}

/** Looks for the first tensor that went bad, and says what can be done. */
export async function divergence(failed: FailedUpdate): Promise<DivergenceError> {
  const { update, where, loss, gradientNorm, lastGood, clipped, trees, fault } = failed;
  if (fault !== null) {
    const message = `Training stopped at update ${update} (${where}): loss ${loss}, because the data does not fit the model. ${fault} The parameters are as they were before this update.`;
    return new DivergenceError(message, { update, tensor: 'data', loss, gradientNorm, lastGood });
  }
  const { gradient, ...before } = trees;
  const tensor =
    (await firstNotFinite(before)) ??
    (Number.isFinite(loss) ? ((await firstNotFinite({ gradient })) ?? "the gradient's norm") : 'the loss');
  const message =
    `Training diverged at update ${update} (${where}): loss ${loss}, gradient norm ${gradientNorm}. ` +
    `The first tensor that is not finite: ${tensor}. ` +
    (lastGood === null
      ? 'No update was good before it. '
      : `Last good update: ${lastGood.update}, with loss ${lastGood.loss} and gradient norm ${lastGood.gradientNorm}. `) +
    remedy(tensor, lastGood, clipped);
  return new DivergenceError(message, { update, tensor, loss, gradientNorm, lastGood });
}

/**
 * Refuses to keep parameters that an update has spoilt: a checkpoint of before is worth more.
 * @throws DivergenceError naming the first that is not finite.
 */
export function requireFinite(checkpoint: Checkpoint, lastGood: LastGood | null, clipped: boolean): void {
  for (const [name, { data }] of checkpoint.tensors) {
    if (!name.startsWith('params.') || allFinite(data)) continue;
    const tensor = name.replace('.', ': ');
    const { update, loss, gradientNorm } = lastGood ?? { update: 0, loss: NaN, gradientNorm: NaN };
    const after =
      lastGood === null ? '' : ` after update ${update}, whose loss was ${loss} and gradient norm ${gradientNorm}`;
    throw new DivergenceError(
      `Training diverged: parameters are not finite${after}. The first of them: ${tensor}. No checkpoint is taken of them. ` +
        remedy(tensor, lastGood, clipped),
      { update, tensor, loss, gradientNorm, lastGood },
    );
  }
}

function remedy(tensor: string, lastGood: LastGood | null, clipped: boolean): string {
  const clip = clipped ? 'clip at a lower norm' : 'clip the gradient ({ clip: { norm: 1 } })';
  const tamer = `Lower the learning rate or warm it up, ${clip}, use fewer backwardSteps, or scale the inputs and targets down.`;
  if (tensor.startsWith('params')) {
    if (lastGood === null) return 'The parameters were not finite to begin with: look at how they were made.';
    return `The parameters became so by update ${lastGood.update}, or were changed after it, and are of no use any more. ${tamer}`;
  }
  const untouched = 'The parameters are as they were before this update.';
  if (tensor.startsWith('data')) return `${untouched} Look at the data: it holds NaN or infinity itself.`;
  return `${untouched} ${tamer}`;
}

function allFinite(values: TypedArray): boolean {
  return values.every((value: number) => Number.isFinite(value));
}

async function firstNotFinite(trees: Readonly<Record<string, unknown>>): Promise<string | null> {
  for (const [name, tree] of Object.entries(trees)) {
    for (const [path, leaf] of treeEntries(tree)) {
      const values = await leaf.read();
      if (!allFinite(values)) return path === '' ? name : `${name}: ${path}`;
    }
  }
  return null;
}
