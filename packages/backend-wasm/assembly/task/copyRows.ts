/** Bytes from which on a row is copied by the engine, whose call costs as much as some vectors. */
const long: usize = 256;

/** Copies `rows` rows of `bytes` bytes, a multiple of 4, from one stride to another. */
export function copyRows(to: usize, toStep: usize, from: usize, fromStep: usize, rows: i32, bytes: usize): void {
  if (bytes >= long) {
    for (; rows > 0; rows--, to += toStep, from += fromStep) memory.copy(to, from, bytes);
    return;
  }
  const whole = bytes & ~15;
  for (; rows > 0; rows--, to += toStep, from += fromStep) {
    let at: usize = 0;
    for (; at < whole; at += 16) v128.store(to + at, v128.load(from + at));
    for (; at < bytes; at += 4) store<f32>(to + at, load<f32>(from + at));
  }
}
