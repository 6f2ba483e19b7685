import { treeEntries, type RunSnapshot, type Tensor } from '@tempograd/core';
import { formatShape, isFloat, sameShape } from '@tempograd/core/backend';
import { stepsIn } from '../HeldStretches.js';
import { damagedAt } from './CheckpointError.js';

/** What a snapshot is compared with. */
export interface Wanted {
  readonly params: unknown;
  /** Undefined where it is not known yet; `checkCarry` looks at the carry later. */
  readonly initialCarry: unknown;
  /** Steps between updates. */
  readonly updateEvery: number;
}

/**
 * Holds a restored snapshot to what every strategy's snapshots keep to: carries like the task's, parameters like those given,
 * stretches of one kind, pieces in order and in the past. A strategy's own state is its own to check.
 * @throws CheckpointError naming the path of what is wrong.
 */
export function checkSnapshot({ position, carry, pending, pieces }: RunSnapshot, wanted: Wanted): void {
  checkCarry('run.carry', carry, wanted.initialCarry, position === 0 && pieces.length === 0);
  const stretches: [path: string, stretch: unknown][] = pieces.map(({ stretch }, index) => [
    `run.pieces.${index}.stretch`,
    stretch,
  ]);
  if (pending !== null) stretches.unshift(['run.pending', pending]);
  for (const [path, stretch] of stretches) requireStretch(path, stretch, stretches[0]?.[1]);
  if (stepsIn(pending) >= wanted.updateEvery)
    throw damagedAt('run.pending', `${stepsIn(pending)} steps wait, but ${wanted.updateEvery} make an update`);
  let reached = 0;
  pieces.forEach((piece, index) => {
    const path = `run.pieces.${index}`;
    const to = piece.from + stepsIn(piece.stretch);
    if (piece.from < reached || to > position)
      throw damagedAt(path, `it is said to have steps ${piece.from} to ${to}, in a past of ${reached} to ${position}`);
    // Where pieces are run again from the first on, the carry before a later one comes of that.
    const follows = index > 0 && piece.from === reached;
    reached = to;
    checkCarry(`${path}.carry`, piece.carry, wanted.initialCarry, piece.from === 0 || follows);
    if (piece.params !== null)
      requireAlike(`${path}.params`, piece.params, wanted.params, (found, given) => sameTensor(found, given));
  });
}

/**
 * Holds the next stretch of the data to the steps that wait for it.
 * @throws CheckpointError when the two cannot be of one sequence.
 */
export function checkNextStretch(pending: unknown, stretch: unknown): void {
  if (pending !== null) requireAlike('run.pending', pending, stretch, sameStep);
}

/**
 * Holds a carry to the one that its sequence starts with; undefined where that is not known.
 * @throws CheckpointError, as `errorAt` makes it, naming the path of what is wrong.
 */
export function checkCarry(
  path: string,
  carry: unknown,
  initial: unknown,
  mayBeNull: boolean,
  errorAt: typeof damagedAt = damagedAt,
): void {
  if (initial === undefined || (carry === null && mayBeNull)) return;
  requireAlike(
    path,
    carry,
    initial,
    (found, start) => isFloat(found.dtype) === isFloat(start.dtype) && grown(found, start),
    errorAt,
  );
}

/** Whether a carry may have become so from its start, which may stand for any number of rows. */
function grown({ shape }: Tensor, start: Tensor): boolean {
  const offset = shape.length - start.rank;
  return start.shape.every((length, axis) => length <= 1 || length === shape[axis + offset]);
}

function requireStretch(path: string, stretch: unknown, first: unknown): void {
  const time = stepsIn(stretch);
  for (const [name, { shape }] of treeEntries(stretch))
    if (shape[0] !== time)
      throw damagedAt(join(path, name), `it has ${shape[0]} steps, and its neighbours have ${time}`);
  if (time === 0) throw damagedAt(path, 'there are no steps');
  requireAlike(path, stretch, first, sameStep);
}

function sameTensor(found: Tensor, wanted: Tensor): boolean {
  return found.dtype === wanted.dtype && sameShape(found.shape, wanted.shape);
}

/** Alike but for the number of steps. */
function sameStep(found: Tensor, wanted: Tensor): boolean {
  return found.dtype === wanted.dtype && sameShape(found.shape.slice(1), wanted.shape.slice(1));
}

/** @throws CheckpointError unless two trees have tensors at the same paths that are like one another. */
function requireAlike(
  path: string,
  found: unknown,
  wanted: unknown,
  fits: (found: Tensor, wanted: Tensor) => boolean,
  errorAt: typeof damagedAt = damagedAt,
): void {
  const entries = new Map(treeEntries(wanted));
  for (const [name, tensor] of treeEntries(found)) {
    const like = entries.get(name);
    if (like === undefined) throw errorAt(join(path, name), 'there is a tensor where none belongs');
    if (!fits(tensor, like))
      throw errorAt(
        join(path, name),
        `there is ${describe(tensor)}, and something like ${describe(like)} belongs there`,
      );
    entries.delete(name);
  }
  for (const [name, tensor] of entries) throw errorAt(join(path, name), `${describe(tensor)} is missing`);
}

function join(path: string, name: string): string {
  return name === '' ? path : `${path}.${name}`;
}

function describe({ dtype, shape }: Tensor): string {
  return `${dtype}${formatShape(shape)}`;
}
