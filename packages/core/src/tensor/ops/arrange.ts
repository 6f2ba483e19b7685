import { ArgumentError, formatShape, ShapeError } from '../../backend/index.js';
import { describe } from '../../backend/optionErrors.js';
import { alias, scope } from '../scope.js';
import type { Tensor } from '../Tensor.js';
import { requireList, requireTensor } from './checks.js';
import { full } from './create.js';
import { lessEqual, select } from './elementwise.js';
import { broadcastTo, concat, reshape, sliceAxis, transpose } from './layout.js';
import { normalAxes, normalAxis } from './operands.js';
import { arange } from './ranges.js';

/** Axes of length 1 taken out: all of them by default, else those named. @throws ShapeError for a named one that is longer. */
export function squeeze(x: Tensor, axes?: number | readonly number[]): Tensor {
  requireTensor('squeeze', 'the argument', x);
  const named = axes === undefined ? null : normalAxes('squeeze', axes, x);
  const long = named?.find((axis) => x.shape[axis] !== 1);
  if (long !== undefined) {
    throw new ShapeError(
      `squeeze: axis ${long} of ${formatShape(x.shape)} has length ${String(x.shape[long])}; only axes of length 1 can go.`,
    );
  }
  return reshape(
    x,
    x.shape.filter((length, axis) => (named === null ? length !== 1 : !named.includes(axis))),
  );
}

/** A new axis of length 1 at a place; negative ones count from the back, −1 is behind all others. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  requireTensor('unsqueeze', 'the argument', x);
  const at = normalAxis('unsqueeze', axis, x, 1);
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

/** Two axes swapped. */
export function swapAxes(x: Tensor, first: number, second: number): Tensor {
  requireTensor('swapAxes', 'the argument', x);
  const [a, b] = [normalAxis('swapAxes', first, x), normalAxis('swapAxes', second, x)];
  return transpose(
    x,
    x.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis)),
  );
}

/**
 * Cut along an axis into parts of the given lengths, or of one length, the last of which may be shorter.
 * @throws ShapeError where lengths do not add up to the axis.
 */
export function splitAxis(x: Tensor, lengths: number | readonly number[], axis = 0): Tensor[] {
  requireTensor('splitAxis', 'the argument', x);
  const along = normalAxis('splitAxis', axis, x);
  const total = x.shape[along] as number;
  const list = typeof lengths === 'number' ? equalParts('splitAxis', 'the length', total, lengths) : lengths;
  requireList('splitAxis', 'the lengths', list);
  const ends = list.reduce<number[]>((sums, length) => [...sums, (sums.at(-1) ?? 0) + length], []);
  const isLength = (length: unknown): boolean => Number.isSafeInteger(length) && (length as number) >= 0;
  if (![...list].every(isLength) || (ends.at(-1) ?? 0) !== total) {
    throw new ShapeError(
      `splitAxis: lengths [${String(list)}] must be whole numbers that add up to axis ${axis} of ${formatShape(x.shape)}, ${total}.`,
    );
  }
  return scope(() => ends.map((end, index) => sliceAxis(x, end - (list[index] as number), end, along)));
}

/** Cut along an axis into at most `count` parts of one length, the last of which may be shorter. */
export function chunk(x: Tensor, count: number, axis = 0): Tensor[] {
  requireTensor('chunk', 'the argument', x);
  const along = normalAxis('chunk', axis, x);
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new ArgumentError(`chunk: the count must be a whole number ≥ 1, but is ${describe(count)}.`);
  }
  return splitAxis(x, Math.max(1, Math.ceil((x.shape[along] as number) / count)), along);
}

/** The slices along an axis, which disappears: the inverse of `stack`. */
export function unstack(x: Tensor, axis = 0): Tensor[] {
  requireTensor('unstack', 'the argument', x);
  const along = normalAxis('unstack', axis, x);
  return scope(() => splitAxis(x, 1, along).map((part) => squeeze(part, along)));
}

/** The whole repeated along each axis: `tile(x, [2, 3])` is twice down and three times across. More counts than axes add axes in front. */
export function tile(x: Tensor, counts: readonly number[]): Tensor {
  requireTensor('tile', 'the argument', x);
  requireList('tile', 'the counts', counts);
  counts.forEach((count) => requireTimes('tile', count));
  const extra = counts.length - x.rank;
  if (extra < 0) {
    throw new ShapeError(
      `tile: ${counts.length} counts were given for ${formatShape(x.shape)}; it needs one for each axis, 1 to leave it.`,
    );
  }
  return scope(() => {
    const shape = [...counts.slice(0, extra).map(() => 1), ...x.shape];
    const apart = shape.flatMap((length) => [1, length]);
    const repeated = shape.flatMap((length, axis) => [counts[axis] as number, length]);
    return reshape(
      broadcastTo(reshape(x, apart), repeated),
      shape.map((length, axis) => length * (counts[axis] as number)),
    );
  });
}

/** Each slice along an axis repeated `times` times, one beside the other: of a, b, twice a, a, b, b. */
export function repeatEach(x: Tensor, times: number, axis = 0): Tensor {
  requireTensor('repeatEach', 'the argument', x);
  requireTimes('repeatEach', times);
  const along = normalAxis('repeatEach', axis, x);
  const [before, after] = [x.shape.slice(0, along), x.shape.slice(along + 1)];
  const length = x.shape[along] as number;
  return scope(() => {
    const stretched = broadcastTo(reshape(x, [...before, length, 1, ...after]), [...before, length, times, ...after]);
    return reshape(stretched, [...before, length * times, ...after]);
  });
}

/** Moved along an axis by `shift` places, what leaves at the end enters at the front; a negative shift moves to the front. */
export function roll(x: Tensor, shift: number, axis = 0): Tensor {
  requireTensor('roll', 'the argument', x);
  const along = normalAxis('roll', axis, x);
  if (!Number.isSafeInteger(shift)) {
    throw new ArgumentError(`roll: the shift must be a whole number, but is ${describe(shift)}.`);
  }
  const length = x.shape[along] as number;
  const by = length === 0 ? 0 : ((shift % length) + length) % length;
  if (by === 0) return alias(x);
  return scope(() => concat([sliceAxis(x, length - by, length, along), sliceAxis(x, 0, length - by, along)], along));
}

/** Elements of one value set before and after each axis: `pad(x, [[1, 0], [0, 2]])` adds a row above and two columns behind. */
export function pad(x: Tensor, widths: readonly (readonly [before: number, after: number])[], value = 0): Tensor {
  requireTensor('pad', 'the argument', x);
  requireList('pad', 'the widths', widths);
  const isWidth = (width: unknown): boolean => Number.isSafeInteger(width) && (width as number) >= 0;
  const isPair = (pair: unknown): boolean => Array.isArray(pair) && pair.length === 2 && [...pair].every(isWidth);
  if (widths.length !== x.rank || ![...widths].every(isPair)) {
    throw new ShapeError(
      `pad: widths must be a list of [before, after], whole numbers ≥ 0, for each of the ${x.rank} axes of ${formatShape(x.shape)}.`,
    );
  }
  return scope(() => {
    let padded = alias(x);
    widths.forEach((pair, axis) => {
      const block = (count: number): Tensor[] => {
        if (count === 0) return [];
        const shape = padded.shape.map((length, index) => (index === axis ? count : length));
        return [full(shape, value, { dtype: x.dtype, backend: x.backend })];
      };
      padded = concat([...block(pair[0]), padded, ...block(pair[1])], axis);
    });
    return padded;
  });
}

/** Matrices with zeros above a diagonal, over the last two axes; the diagonal 0 is the main one, 1 the one above. */
export function tril(x: Tensor, diagonal = 0): Tensor {
  return triangle('tril', x, diagonal, (rows, columns) => lessEqual(columns, rows));
}

/** Matrices with zeros below a diagonal, over the last two axes; the diagonal 0 is the main one, 1 the one above. */
export function triu(x: Tensor, diagonal = 0): Tensor {
  return triangle('triu', x, diagonal, (rows, columns) => lessEqual(rows, columns));
}

function triangle(op: string, x: Tensor, diagonal: number, kept: (rows: Tensor, columns: Tensor) => Tensor): Tensor {
  requireTensor(op, 'the argument', x);
  if (!Number.isSafeInteger(diagonal)) {
    throw new ArgumentError(`${op}: the diagonal must be a whole number, but is ${describe(diagonal)}.`);
  }
  const [m, n] = x.shape.slice(-2);
  if (m === undefined || n === undefined) {
    throw new ShapeError(`${op}: needs matrices, tensors of two axes or more, but was given ${formatShape(x.shape)}.`);
  }
  return scope(() => {
    const { backend } = x;
    // Beyond the matrix every diagonal is alike.
    const from = Math.min(Math.max(diagonal, -m), n);
    const rows = reshape(arange(from, from + m, { backend }), [m, 1]);
    return select(kept(rows, arange(0, n, { backend })), x, 0);
  });
}

function requireTimes(op: string, times: unknown): void {
  if (Number.isSafeInteger(times) && (times as number) >= 0) return;
  throw new ArgumentError(`${op}: a count must be a whole number ≥ 0, but is ${describe(times)}.`);
}

function equalParts(op: string, what: string, total: number, length: number): number[] {
  if (!Number.isSafeInteger(length) || length < 1) {
    throw new ArgumentError(`${op}: ${what} must be a whole number ≥ 1, but is ${describe(length)}.`);
  }
  const count = Math.max(1, Math.ceil(total / length));
  return Array.from({ length: count }, (_, index) => Math.min(length, total - index * length));
}
