// Reduction of an axis that is not the last: `[outer, length, inner] → [outer, inner]`.
//
// words: 0 x, 1 out, 2 outer, 3 length, 4 inner

import { put, take } from '../task/lanes';
import { elementOf, pointer, word } from '../task/part';
import { columnSums } from './columnSums';
import { Fold, emptyLanes, fold } from './fold';

/** Folds columns over all rows. */
@inline
function foldColumns(op: Fold, x: usize, stride: usize, length: i32, columns: i32, out: usize): void {
  for (; columns > 0; columns -= 4, x += 16, out += 16) {
    const count = min(columns, 4);
    let lanes = emptyLanes(op);
    for (let row = 0, at = x; row < length; row++, at += stride) lanes = fold(op, lanes, take(at, count));
    put(out, lanes, count);
  }
}

@inline
function reduceColumns(op: Fold, args: usize, part: i32, parts: i32): void {
  const length = word(args, 3), inner = word(args, 4);
  const stride = (<usize>inner) << 2;
  const total = word(args, 2) * inner;
  const end = elementOf(total, part + 1, parts);
  for (let at = elementOf(total, part, parts); at < end; ) {
    const row = at / inner;
    const column = at - row * inner;
    const columns = min(inner - column, end - at);
    const x = pointer(args, 0) + (((<usize>row) * length * inner + column) << 2);
    const out = pointer(args, 1) + ((<usize>at) << 2);
    if (op == Fold.SUM) columnSums(x, stride, length, columns, out, false);
    else foldColumns(op, x, stride, length, columns, out);
    at += columns;
  }
}

export function sumColumnsF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  reduceColumns(Fold.SUM, args, part, parts);
}
export function maxColumnsF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  reduceColumns(Fold.MAX, args, part, parts);
}
export function sumColumnsI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  reduceColumns(Fold.SUM_I32, args, part, parts);
}
export function maxColumnsI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  reduceColumns(Fold.MAX_I32, args, part, parts);
}
