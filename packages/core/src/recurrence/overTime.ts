import { ArgumentError, formatShape, sameShape, ShapeError } from '../backend/index.js';
import { reshape, row, select, stack } from '../tensor/ops/index.js';
import { alias, scope } from '../tensor/scope.js';
import { Tensor } from '../tensor/Tensor.js';
import {
  alignLeaves,
  disposeTree,
  isPlainObject,
  treeEntries,
  treeFill,
  treeLeaves,
  treeMap,
  type Likeness,
} from '../tensor/tree.js';
import type { ScanOptions, StepResult } from './Cell.js';

/**
 * The one time loop: folds `step` over time and stacks its outputs; where the mask is 0 the carry stays and the output is 0.
 * Each step is a scope, so that its temporaries are freed as soon as it ends; a superseded carry likewise.
 */
export function overTime<C, Y>(
  time: number,
  initial: C,
  { mask, reverse = false }: ScanOptions,
  step: (carry: C, t: number) => StepResult<C, Y>,
): StepResult<C, Y> {
  return scope(() => {
    const outputs = new Array<Y>(time);
    let carry = initial;
    for (let index = 0; index < time; index++) {
      const t = reverse ? time - 1 - index : index;
      const former = carry;
      const result = scope(() => {
        const next = step(former, t);
        const valid = mask ? row(mask, t) : null;
        const before = treeLeaves(former);
        const after = alignLeaves(former, next.carry, likeCarry) as Tensor[];
        return {
          carry: treeFill(
            former,
            after.map((leaf, place) => whereValid(valid, leaf, before[place] as Tensor)),
          ),
          output: treeMap(next.output, (leaf) => whereValid(valid, leaf, 0)),
        };
      });
      carry = result.carry;
      outputs[t] = result.output;
      if (index > 0) disposeTree(former);
    }
    const leaves = outputs.map((output) => alignLeaves(outputs[0], output, likeFirst) as Tensor[]);
    const stacked = (leaves[0] as Tensor[]).map((_, leaf) => stack(leaves.map((each) => each[leaf] as Tensor)));
    return { carry, output: treeFill(outputs[0] as Y, stacked) };
  });
}

/** How the carry after a step must be like the one before. */
export const likeCarry: Likeness = {
  what: 'scan: a step must return a carry like the one it was given, but they differ',
  names: ['the one before', 'the one after'],
};

const likeFirst: Likeness = {
  what: 'scan: every step must return an output of the same structure, but two differ',
  names: ['one', 'another'],
};

/**
 * Number of steps of a tree of `[time, …]` tensors; `what` names it in errors.
 * @throws ArgumentError where there is none, ShapeError naming a tensor whose first axis is not time.
 */
export function timeOf(tree: unknown, what = 'inputs'): number {
  const time = commonTime(tree, 0);
  if (time > 0) return time;
  throw untimely(treeEntries(tree), what);
}

/** The length that the first axes of all tensors have, which is `before` unless that is 0; NaN where it is none, or the tree none. */
function commonTime(tree: unknown, before: number): number {
  if (tree instanceof Tensor) {
    const time = tree.shape[0] || NaN;
    return before === 0 || before === time ? time : NaN;
  }
  let time = before;
  if (Array.isArray(tree)) for (const child of tree) time = commonTime(child, time);
  else if (isPlainObject(tree)) for (const key in tree) time = commonTime(tree[key], time);
  else if (tree !== null && tree !== undefined) return NaN;
  return time;
}

function untimely(entries: readonly [path: string, leaf: Tensor][], what: string): Error {
  const first = entries[0]?.[1];
  const time = first?.shape[0];
  if (first === undefined || time === 0) {
    return new ArgumentError(
      `A recurrence was given nothing to run over: ${what} must be tensors [time, batch, …] with at least one step.`,
    );
  }
  const other = entries.find(([, leaf]) => leaf.shape[0] === undefined || leaf.shape[0] !== time);
  const say = ([path, { dtype, shape }]: [string, Tensor]): string =>
    `${path === '' ? 'the tensor' : `"${path}"`} ${dtype}${formatShape(shape)}`;
  return new ShapeError(
    `The first axis of all ${what} must be time, and equally long: ${say(entries[0] as [string, Tensor])}` +
      `${other === undefined || other === entries[0] ? ' has no axis' : ` has ${time} steps, but ${say(other)} ${other[1].rank === 0 ? 'has no axis' : `has ${other[1].shape[0]}`}`}.` +
      (other !== undefined && other[1].shape[1] === time
        ? ' Its axes may stand the wrong way round: transpose it to [time, batch, …].'
        : ''),
  );
}

/** Zeros at masked steps: padding may hold anything, and 0 · NaN would reach the gradients of the parameters. */
export function withoutPadding(x: Tensor, mask: Tensor): Tensor {
  if (!sameShape(x.shape.slice(0, 2), mask.shape)) return alias(x);
  return select(reshape(mask, [...mask.shape, ...x.shape.slice(2).map(() => 1)]), x, 0);
}

/** Rows of `x` where they count, `other` elsewhere; `valid` is i32 `[batch]`, or null where all do. */
function whereValid(valid: Tensor | null, x: Tensor, other: Tensor | number): Tensor {
  if (valid === null) return alias(x);
  if (!sameShape(x.shape.slice(0, 1), valid.shape)) {
    throw new ShapeError(
      `scan: a mask [time, ${valid.size}] needs carry and output leaves [${valid.size}, …], but one is ${formatShape(x.shape)}.`,
    );
  }
  return select(reshape(valid, [valid.size, ...x.shape.slice(1).map(() => 1)]), x, other);
}
