/** Copies `rows` rows of `bytes` bytes. */
export function copyRows(to: usize, toStep: usize, from: usize, fromStep: usize, rows: i32, bytes: usize): void {
  for (; rows > 0; rows--) {
    for (let at: usize = 0; at < bytes; at += 4) store<f32>(to + at, load<f32>(from + at));
    to += toStep;
    from += fromStep;
  }
}
