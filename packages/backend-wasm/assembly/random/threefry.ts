// Uniform numbers in [0, 1) from the Threefry-2x32 generator of 20 rounds: top 24 bits of each word times 2⁻²⁴.
// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
//
// words: 0 out, 1 elements, 2 and 3 key, 4 and 5 number of the first block (low, high word),
// 6 words of the first block to skip (0 or 1). Parts take groups of four blocks.

import { pointer, rowOf, word } from '../task/part';

const groupWords: i32 = 8;

@inline
function rotate(x: v128, by: i32): v128 {
  return v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by));
}

/** Words 0 and 1 of four blocks, as eight words in stream order, at `out`. */
function eightWords(key0: i32, key1: i32, block: u64, out: usize): void {
  const k0 = i32x4.splat(key0);
  const k1 = i32x4.splat(key1);
  const k2 = i32x4.splat(key0 ^ key1 ^ 0x1bd11bda);
  let x = i32x4(<i32>block, <i32>(block + 1), <i32>(block + 2), <i32>(block + 3));
  let y = i32x4(<i32>(block >> 32), <i32>((block + 1) >> 32), <i32>((block + 2) >> 32), <i32>((block + 3) >> 32));
  x = i32x4.add(x, k0);
  y = i32x4.add(y, k1);
  for (let group = 1; group <= 5; group++) {
    const odd = (group & 1) != 0;
    x = i32x4.add(x, y);
    y = v128.xor(rotate(y, odd ? 13 : 17), x);
    x = i32x4.add(x, y);
    y = v128.xor(rotate(y, odd ? 15 : 29), x);
    x = i32x4.add(x, y);
    y = v128.xor(rotate(y, odd ? 26 : 16), x);
    x = i32x4.add(x, y);
    y = v128.xor(rotate(y, odd ? 6 : 24), x);
    const first = group % 3;
    x = i32x4.add(x, first == 0 ? k0 : first == 1 ? k1 : k2);
    y = i32x4.add(i32x4.add(y, first == 0 ? k1 : first == 1 ? k2 : k0), i32x4.splat(group));
  }
  v128.store(out, i32x4.shuffle(x, y, 0, 4, 1, 5));
  v128.store(out, i32x4.shuffle(x, y, 2, 6, 3, 7), 16);
}

/** The top 24 bits of each of four words, times 2⁻²⁴. */
@inline
function toUniform(words: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), f32x4.splat(5.9604644775390625e-8));
}

/** Bytes of scratch of one part: a group's words. */
export function randomUniformScratchBytes(_args: usize, _parts: i32): f64 {
  return <f64>(groupWords << 2);
}

export function randomUniform(args: usize, part: i32, parts: i32, scratch: usize): void {
  const total = word(args, 1);
  const skip = word(args, 6);
  const block = ((<u64>load<u32>(args + 20)) << 32) | <u64>load<u32>(args + 16);
  const groups = (total + skip + groupWords - 1) / groupWords;
  const end = rowOf(groups, part + 1, parts);
  for (let group = rowOf(groups, part, parts); group < end; group++) {
    eightWords(word(args, 2), word(args, 3), block + <u64>group * 4, scratch);
    const low = toUniform(v128.load(scratch));
    const high = toUniform(v128.load(scratch, 16));
    const first = group * groupWords - skip;
    const out = pointer(args, 0) + (first << 2);
    if (first >= 0 && first + groupWords <= total) {
      v128.store(out, low);
      v128.store(out, high, 16);
    } else {
      v128.store(scratch, low);
      v128.store(scratch, high, 16);
      for (let i = 0; i < groupWords; i++) {
        if (first + i >= 0 && first + i < total) store<f32>(out + (i << 2), load<f32>(scratch + (i << 2)));
      }
    }
  }
}
