// Softmax cross-entropy of rows, with its gradient when wanted.
//
// words: 0 logits [rows, classes], 1 targets [rows], 2 loss [rows], 3 gradient [rows, classes] or 0, 4 rows, 5 classes,
// 6 label smoothing s (f32)
//
// loss = lse − (1−s)·x_y − s·mean(x); gradient = softmax(x) − (1−s)·[y] − s/classes. A negative target gives zeros;
// one past the last class gives NaN, in the whole row of the gradient too.

import { exp4 } from '../math/exp';
import { log4 } from '../math/log';
import { Fold, foldRow } from '../reduce/fold';
import { Term, stretchLength, sumOf } from '../reduce/sumOf';
import { addLanes, firstLanes, loadPart, storePart } from '../task/lanes';
import { float, pointer, rowOf, word } from '../task/part';

/** Sum of exp(x − shift), added up as `sumOf` does; each is also stored at `out` unless that is 0. */
function sumOfExponentials(x: usize, shift: v128, count: i32, out: usize): f32 {
  let total: f64 = 0;
  for (let at = 0; at < count; at += stretchLength) {
    total += sumOfStretch(x + (at << 2), shift, min(stretchLength, count - at), out ? out + (at << 2) : 0);
  }
  return <f32>total;
}

function sumOfStretch(x: usize, shift: v128, count: i32, out: usize): f32 {
  const end = x + ((count & ~3) << 2);
  const rest = count & 3;
  let lanes = f32x4.splat(0);
  for (; x < end; x += 16) {
    const e = exp4(f32x4.sub(v128.load(x), shift));
    lanes = f32x4.add(lanes, e);
    if (out) {
      v128.store(out, e);
      out += 16;
    }
  }
  if (rest) {
    const e = v128.and(exp4(f32x4.sub(loadPart(x, rest), shift)), firstLanes(rest));
    lanes = f32x4.add(lanes, e);
    if (out) storePart(out, e, rest);
  }
  return addLanes(lanes);
}

/** `x ← x·factor − shift`. */
function scaleAndShift(x: usize, factor: f32, shift: f32, count: i32): void {
  const end = x + ((count & ~3) << 2);
  const rest = count & 3;
  const factors = f32x4.splat(factor);
  const shifts = f32x4.splat(shift);
  for (; x < end; x += 16) v128.store(x, f32x4.sub(f32x4.mul(v128.load(x), factors), shifts));
  if (rest) storePart(x, f32x4.sub(f32x4.mul(loadPart(x, rest), factors), shifts), rest);
}

export function softmaxCrossEntropy(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const classes = word(args, 5);
  const bytes = (<usize>classes) << 2;
  const smoothing = float(args, 6);
  const end = rowOf(word(args, 4), part + 1, parts);
  for (let row = rowOf(word(args, 4), part, parts); row < end; row++) {
    const x = pointer(args, 0) + (<usize>row) * bytes;
    const target = load<i32>(pointer(args, 1) + ((<usize>row) << 2));
    const loss = pointer(args, 2) + ((<usize>row) << 2);
    const gradient = pointer(args, 3) ? pointer(args, 3) + (<usize>row) * bytes : 0;
    if (target < 0) {
      store<f32>(loss, 0);
      if (gradient) memory.fill(gradient, 0, bytes);
      continue;
    }
    if (target >= classes) {
      store<f32>(loss, NaN);
      if (gradient) memory.fill(gradient, 0xff, bytes);
      continue;
    }
    // Differences from the largest logit, so that large logits neither cancel nor overflow.
    const top = f32x4.extract_lane(foldRow(Fold.MAX, x, classes), 0);
    const shift = f32x4.splat(top);
    const sum = sumOfExponentials(x, shift, classes, gradient);
    const chosen = load<f32>(x + ((<usize>target) << 2)) - top;
    let value = f32x4.extract_lane(log4(f32x4.splat(sum)), 0) - (1 - smoothing) * chosen;
    if (smoothing != 0) value -= (smoothing / <f32>classes) * sumOf(Term.DIFFERENCE, x, classes, shift);
    store<f32>(loss, value);
    if (gradient) {
      scaleAndShift(gradient, 1 / sum, smoothing / <f32>classes, classes);
      const at = gradient + ((<usize>target) << 2);
      store<f32>(at, load<f32>(at) - (1 - smoothing));
    }
  }
}
