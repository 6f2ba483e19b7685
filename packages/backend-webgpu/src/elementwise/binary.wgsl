//! include pair.wgsl
//! include ../math/larger.wgsl

// Which function: its place in `floatOps` of pairs.ts, those of integers after it.
override OP: u32 = 0;

// Devices may divide by way of 1/y, which is 0 for them where it is subnormal.
fn divide(x: f32, y: f32) -> f32 {
  let scale = select(1.0, 0.25, abs(y) > 0x1p125);
  return (x * scale) / (y * scale);
}

fn combine(a: u32, b: u32) -> u32 {
  let x = bitcast<f32>(a);
  let y = bitcast<f32>(b);
  switch OP {
    case 0u: { return bitcast<u32>(x + y); }
    case 1u: { return bitcast<u32>(x - y); }
    case 2u: { return bitcast<u32>(x * y); }
    case 3u: { return bitcast<u32>(divide(x, y)); }
    case 4u: { return maximumOf(a, b); }
    case 5u: { return minimumOf(a, b); }
    case 6u: { return a + b; }
    case 7u: { return a - b; }
    case 8u: { return a * b; }
    case 9u: { return u32(max(i32(a), i32(b))); }
    default: { return u32(min(i32(a), i32(b))); }
  }
}
