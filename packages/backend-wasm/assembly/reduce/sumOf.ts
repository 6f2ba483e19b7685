// Sums over a row whose error does not grow with its length: stretches of 512 elements in f32, the stretches in f64.

import { madd } from '../math/madd';
import { addLanes, firstLanes, loadPart } from '../task/lanes';

/** Elements that are added up in f32. */
export const stretchLength: i32 = 512;

/** What is added up of each element x, with a shift s. */
export const enum Term {
  /** x */
  ITSELF,
  /** x − s */
  DIFFERENCE,
  /** (x − s)² */
  SQUARE,
}

@inline
function addTerm(term: Term, sum: v128, x: v128, shift: v128): v128 {
  if (term == Term.ITSELF) return f32x4.add(sum, x);
  const difference = f32x4.sub(x, shift);
  return term == Term.SQUARE ? madd(difference, difference, sum) : f32x4.add(sum, difference);
}

/** The sum of a stretch; `term` is a constant wherever this is used, so one branch remains. */
@inline
function sumOfStretch(term: Term, x: usize, count: i32, shift: v128): f32 {
  let sum = f32x4.splat(0);
  if (count >= 16) {
    let b = sum, c = sum, d = sum;
    for (const end = x + ((count & ~15) << 2); x < end; x += 64) {
      sum = addTerm(term, sum, v128.load(x), shift);
      b = addTerm(term, b, v128.load(x, 16), shift);
      c = addTerm(term, c, v128.load(x, 32), shift);
      d = addTerm(term, d, v128.load(x, 48), shift);
    }
    sum = f32x4.add(f32x4.add(sum, b), f32x4.add(c, d));
    count &= 15;
  }
  for (; count >= 4; count -= 4, x += 16) sum = addTerm(term, sum, v128.load(x), shift);
  // A lane that is missing stands at the shift, so that its difference is 0; `loadPart` gives 0.
  if (count) {
    const lanes = loadPart(x, count);
    sum = addTerm(term, sum, term == Term.ITSELF ? lanes : v128.bitselect(lanes, shift, firstLanes(count)), shift);
  }
  return addLanes(sum);
}

/** The sum of a term of `count` elements at `x`. */
@inline
export function sumOf(term: Term, x: usize, count: i32, shift: v128): f32 {
  let total: f64 = 0;
  let sum: f32 = 0;
  for (let at = 0; at < count; at += stretchLength) {
    sum = sumOfStretch(term, x + (at << 2), min(stretchLength, count - at), shift);
    total += sum;
  }
  // A single stretch does not wait for what goes by way of f64.
  return count > stretchLength ? <f32>total : sum;
}
