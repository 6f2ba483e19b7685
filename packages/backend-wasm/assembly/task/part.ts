// How a kernel's work is cut into parts (see README.md, "Tasks"), and how it reads its block of arguments.

/** First element of `part` of `parts` of `total` elements, at a multiple of 16 (a cache line); `part == parts` gives the end. */
@inline
export function elementOf(total: i32, part: i32, parts: i32): i32 {
  return part >= parts ? total : <i32>((<i64>total * part) / parts) & ~15;
}

/** First row of `part` of `parts` of `total` rows; `part == parts` gives the end. */
@inline
export function rowOf(total: i32, part: i32, parts: i32): i32 {
  return <i32>((<i64>total * part) / parts);
}

/** Word number `word` of the argument block. */
@inline
export function word(args: usize, word: i32): i32 {
  return load<i32>(args + (word << 2));
}

/** Word number `word` as a pointer. */
@inline
export function pointer(args: usize, word: i32): usize {
  return load<usize>(args + (word << 2));
}

/** Word number `word` as a float. */
@inline
export function float(args: usize, word: i32): f32 {
  return load<f32>(args + (word << 2));
}

/** Word number `word` as a float in all lanes. */
@inline
export function floats(args: usize, word: i32): v128 {
  return v128.load32_splat(args + (word << 2));
}
