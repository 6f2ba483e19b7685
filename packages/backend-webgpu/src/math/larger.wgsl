//! include float.wgsl

// An integer that grows as the float does, the same for −0 and 0; of what is no NaN.
fn rankOf(bits: u32) -> i32 {
  return select(i32(bits), i32(SIGN_BIT - bits), (bits & SIGN_BIT) != 0u);
}

fn isNanBits(bits: u32) -> bool {
  return (bits & SIZE_BITS) > INFINITY_BITS;
}

// The larger one as bits, a NaN if there is one, 0 rather than −0.
fn maximumOf(a: u32, b: u32) -> u32 {
  let larger = select(b, a, rankOf(a) > rankOf(b));
  let numbers = select(larger, a & b, rankOf(a) == rankOf(b));
  return select(select(numbers, b, isNanBits(b)), a, isNanBits(a));
}

// The smaller one as bits, a NaN if there is one, −0 rather than 0.
fn minimumOf(a: u32, b: u32) -> u32 {
  let smaller = select(b, a, rankOf(a) < rankOf(b));
  let numbers = select(smaller, a | b, rankOf(a) == rankOf(b));
  return select(select(numbers, b, isNanBits(b)), a, isNanBits(a));
}
