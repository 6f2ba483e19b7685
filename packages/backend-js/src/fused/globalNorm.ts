import type { JsHandle, JsOperand, Memory } from '../memory.js';

/** `√Σ x²`, accumulated in f64. */
export function globalNorm(memory: Memory, xs: readonly JsOperand[]): JsHandle {
  let total = 0;
  for (const operand of xs) {
    const x = memory.floats(operand);
    let squares = 0;
    for (let i = 0; i < x.length; i++) squares += x[i]! * x[i]!;
    total += squares;
  }
  const result = memory.allocate(xs[0]?.dtype ?? 'f32', 1);
  result.data[0] = Math.sqrt(total);
  return result;
}
