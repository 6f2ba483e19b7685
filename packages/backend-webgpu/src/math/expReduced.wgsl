const LOG2_E = 1.4426950408889634;
// ln 2 is 355/512 and this.
const LN2_LOW = -2.12194440054690583e-4;

// `eʳ − 1` for |r| ≤ ln(2)/2: minimax of the relative error, which stays under 2⁻²⁶.
fn expReduced(r: f32) -> f32 {
  let square = r * r;
  let high = fma(fma(0.00138825107, r, 0.00836654739), r, 0.0416672008);
  let low = fma(0.166665434, r, 0.49999998);
  return fma(fma(high, square, low), square, r);
}

// `x − n·ln 2`. The first product is one of integers, which is exact, and which no compiler joins with the second.
fn reduceByLn2(x: f32, n: i32) -> f32 {
  return fma(f32(n), -LN2_LOW, x - f32(n * 355) * 0.001953125);
}

// 2ⁿ for n from −127, where it is 0, to 127.
fn powerOfTwo(n: i32) -> f32 {
  return bitcast<f32>(u32(n + 127) << 23u);
}
