import { put, take } from '../task/lanes';

/**
 * `C [m, n] = x[m] · y[n]`, or that added to what C holds: a product over one step of k, such as a weight gradient of a single row;
 * `ldc` is in bytes.
 */
export function outer(x: usize, m: i32, y: usize, n: i32, c: usize, ldc: usize, add: bool): void {
  if (add) return addOuter(x, m, y, n, c, ldc);
  const whole = <usize>(n & ~3) << 2;
  for (; m > 0; m--) {
    const scale = v128.load32_splat(x);
    for (let at: usize = 0; at < whole; at += 16) v128.store(c + at, f32x4.mul(scale, v128.load(y + at)));
    if (n & 3) put(c + whole, f32x4.mul(scale, take(y + whole, n & 3)), n & 3);
    x += 4;
    c += ldc;
  }
}

/** As `outer`, added to C; each product is rounded first, as it is where it is stored. */
function addOuter(x: usize, m: i32, y: usize, n: i32, c: usize, ldc: usize): void {
  const whole = <usize>(n & ~3) << 2;
  for (; m > 0; m--) {
    const scale = v128.load32_splat(x);
    for (let at: usize = 0; at < whole; at += 16) {
      v128.store(c + at, f32x4.add(v128.load(c + at), f32x4.mul(scale, v128.load(y + at))));
    }
    if (n & 3) put(c + whole, f32x4.add(take(c + whole, n & 3), f32x4.mul(scale, take(y + whole, n & 3))), n & 3);
    x += 4;
    c += ldc;
  }
}
