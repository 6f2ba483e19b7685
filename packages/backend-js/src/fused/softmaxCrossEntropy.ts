import { sizeOf } from '@tempograd/core/backend';
import type { JsHandle, JsOperand, Memory } from '../memory.js';

/**
 * `loss = (1−s)·(lse − x_y) + s·(lse − mean x)`, `gradient = softmax(x) − (1−s)·onehot(y) − s/C`, row by row.
 * A negative target is ignored; one beyond the last class gives NaN in loss and gradient, as `gather` does.
 */
export function softmaxCrossEntropy(
  memory: Memory,
  logits: JsOperand,
  targets: JsOperand,
  smoothing: number,
  wantGradient: boolean,
): { loss: JsHandle; gradient: JsHandle | null } {
  const [rows, classes] = [sizeOf(targets.shape), logits.shape.at(-1)!];
  const x = memory.floats(logits);
  const y = memory.ints(targets);
  const loss = memory.allocate(logits.dtype, rows);
  const gradient = wantGradient ? memory.allocate(logits.dtype, rows * classes) : null;
  for (let row = 0; row < rows; row++) {
    const start = row * classes;
    const end = start + classes;
    const target = y[row]!;
    if (target < 0 || target >= classes) {
      const value = target < 0 ? 0 : NaN;
      loss.data[row] = value;
      gradient?.data.fill(value, start, end);
      continue;
    }
    let top = -Infinity;
    for (let i = start; i < end; i++) top = Math.max(top, x[i]!);
    // Differences from the largest logit, so that large logits neither cancel nor overflow.
    let total = 0;
    let mean = 0;
    for (let i = start; i < end; i++) {
      total += Math.exp(x[i]! - top);
      mean += (x[i]! - top) / classes;
    }
    const logSum = Math.log(total);
    // Without smoothing the mean has no part: a logit of −∞ elsewhere must not turn 0·∞ into NaN.
    const smooth = smoothing === 0 ? 0 : smoothing * (logSum - mean);
    loss.data[row] = (1 - smoothing) * (logSum - (x[start + target]! - top)) + smooth;
    if (gradient === null) continue;
    for (let i = start; i < end; i++) gradient.data[i] = Math.exp(x[i]! - top) / total - smoothing / classes;
    gradient.data[start + target]! -= 1 - smoothing;
  }
  return { loss, gradient };
}
