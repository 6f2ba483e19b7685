//! include map.wgsl
//! include ../math/log.wgsl

// 0 is log, 1 log1p.
override OP: u32 = 0;

fn apply(bits: u32) -> u32 {
  if (OP == 0u) {
    return logOf(bits);
  }
  return log1pOf(bits);
}
