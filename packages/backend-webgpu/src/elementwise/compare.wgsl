//! include pair.wgsl
//! include ../math/larger.wgsl

// 0 is equal, 1 less, 2 lessEqual.
override OP: u32 = 0;
override FLOAT: bool = true;

fn combine(a: u32, b: u32) -> u32 {
  if (FLOAT && (isNanBits(a) || isNanBits(b))) {
    return 0u;
  }
  let x = select(i32(a), rankOf(a), FLOAT);
  let y = select(i32(b), rankOf(b), FLOAT);
  switch OP {
    case 0u: { return u32(x == y); }
    case 1u: { return u32(x < y); }
    default: { return u32(x <= y); }
  }
}
