// The global norm: squares of every tensor, summed in f64 in blocks, then the root of all blocks' sum.
//
// squares: 0 x, 1 sums (f64, one a block), 2 elements; block i holds elements [4096·i, 4096·(i + 1))
// root: 0 sums, 1 out, 2 blocks

import { pointer, rowOf, word } from '../task/part';

const blockLength: i32 = 4096;

function sumOfSquares(x: usize, count: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const end4 = x + ((count & ~3) << 2);
  const end = x + (count << 2);
  for (; x < end4; x += 16) {
    const a = f64x2.promote_low_f32x4(v128.load64_zero(x));
    const b = f64x2.promote_low_f32x4(v128.load64_zero(x, 8));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  low = f64x2.add(low, high);
  let sum = f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
  for (; x < end; x += 4) {
    const value = <f64>load<f32>(x);
    sum += value * value;
  }
  return sum;
}

export function normSquares(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const total = word(args, 2);
  const blocks = (total + blockLength - 1) / blockLength;
  const end = rowOf(blocks, part + 1, parts);
  for (let block = rowOf(blocks, part, parts); block < end; block++) {
    const first = block * blockLength;
    const x = pointer(args, 0) + ((<usize>first) << 2);
    store<f64>(pointer(args, 1) + ((<usize>block) << 3), sumOfSquares(x, min(blockLength, total - first)));
  }
}

export function normRoot(args: usize, _part: i32, _parts: i32, _scratch: usize): void {
  let sums = pointer(args, 0);
  const end = sums + (word(args, 2) << 3);
  let total: f64 = 0;
  for (; sums < end; sums += 8) total += load<f64>(sums);
  store<f32>(pointer(args, 1), <f32>sqrt(total));
}
