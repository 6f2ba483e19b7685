//! include exp.wgsl
//! include wide.wgsl

// For 32 stretches of numbers from √½ to √2 a number k close to 128 times the reciprocal, and log₂(128/k) in units of 2⁻⁵⁵, low word
// first. For the stretch that holds 1 it is nothing, so that logarithms near 0 keep their digits.
const RECIPROCALS = array<vec3u, 32>(
  vec3u(179u, 0x19ae3bc0u, 0xffc21253u), vec3u(175u, 0xdb8b4f08u, 0xffc63eb6u), vec3u(172u, 0x118efac0u, 0xffc97028u), vec3u(168u, 0xedc1d1f0u, 0xffcdc88au),
  vec3u(165u, 0x8b020988u, 0xffd11c5au), vec3u(161u, 0x766d298u, 0xffd5a484u), vec3u(158u, 0x62b66428u, 0xffd91db6u), vec3u(155u, 0x9adc1f20u, 0xffdca7f4u),
  vec3u(152u, 0x46fd97f8u, 0xffe043e9u), vec3u(150u, 0xb3cda690u, 0xffe2b611u), vec3u(147u, 0xf8818f20u, 0xffe67122u), vec3u(144u, 0xc6042978u, 0xffea3fe5u),
  vec3u(142u, 0x1d8751e8u, 0xffecd516u), vec3u(139u, 0xf7402d28u, 0xfff0c689u), vec3u(137u, 0x48dce650u, 0xfff373afu), vec3u(135u, 0x116c0720u, 0xfff62ae8u),
  vec3u(133u, 0x51bd5528u, 0xfff8ec81u), vec3u(131u, 0x8abb32f8u, 0xfffbb8cbu), vec3u(128u, 0x0u, 0x0u), vec3u(125u, 0x39315ac0u, 0x4612eu),
  vec3u(121u, 0x7f3457c8u, 0xa62b0u), vec3u(118u, 0x74797ea8u, 0xf058du), vec3u(115u, 0x650cde50u, 0x13c6fbu), vec3u(111u, 0xb54d2828u, 0x1a5094u),
  vec3u(108u, 0xa9063e38u, 0x1f5fd8u), vec3u(106u, 0xa6c7e2b0u, 0x22d380u), vec3u(103u, 0x2f87d948u, 0x2820c0u), vec3u(101u, 0xe3dd5c20u, 0x2bbfb9u),
  vec3u(98u, 0x157f7a68u, 0x315130u), vec3u(96u, 0xe30214c0u, 0x351ff2u), vec3u(94u, 0x85a8bfc8u, 0x39033bu), vec3u(92u, 0xfca71568u, 0x3cfbebu),
);

// `log₂ x` of the bits of a positive number, as a signed integer of 64 bits that counts 2⁻⁵⁵; good to a relative 2⁻²⁸.
fn fixedLog2(bits: u32) -> vec2u {
  let shift = select(0u, countLeadingZeros(bits) - 8u, bits < 0x00800000u);
  let normal = bits << shift;
  let offset = normal - 0x3f3504f3u;
  let n = (i32(offset) >> 23u) - i32(shift);
  let entry = RECIPROCALS[(offset >> 18u) & 31u];
  // x·2⁻ⁿ·k/128 = 1 + r, exactly, in units of 2⁻³¹.
  let mantissa = (normal & 0x007fffffu) | 0x00800000u;
  let whole = (normal - (offset & 0xff800000u)) >= 0x3f800000u;
  let fixedR = i32((mantissa << u32(whole)) * entry.x - 0x80000000u);
  // log₂(1 + r)/r in units of 2⁻³⁰, of which all but log₂ e is small.
  let r = f32(fixedR) * 0x1p-31;
  let small = r * fma(fma(fma(fma(-0.24044917, r, 0.28853901), r, -0.36067376), r, 0.48089835), r, -0.72134752);
  let slope = 1549082005u + u32(i32(small * 0x1p30));
  let product = multiplyWide(u32(abs(fixedR)), slope);
  let part = vec2u((product.x >> 6u) | (product.y << 26u), product.y >> 6u);
  return addWide(addWide(vec2u(0u, u32(n) << 23u), entry.yz), select(part, negateWide(part), fixedR < 0));
}

// `|y·l|` in units of 2⁻²⁴ for an l in units of 2⁻⁵⁵, at most 200, from where on powers of 2 are 0 or infinite.
fn fixedExponent(size: u32, l: vec2u) -> u32 {
  if (l.x == 0u && l.y == 0u) {
    return 0u;
  }
  let zeros = select(countLeadingZeros(l.y), 32u + countLeadingZeros(l.x), l.y == 0u);
  let high = select(select(l.x << (zeros & 31u), l.y, zeros == 0u), (l.y << (zeros & 31u)) | ((l.x >> 1u) >> (31u - (zeros & 31u))), zeros > 0u && zeros < 32u);
  let product = multiplyWide((size & 0x007fffffu) | 0x00800000u, high);
  let shift = 149 + i32(zeros) - i32(size >> 23u);
  if (shift < 23) {
    return 0xc8000000u;
  }
  if (shift >= 32) {
    return select(product.y >> u32(shift - 32), 0u, shift >= 64);
  }
  if ((product.y >> u32(shift)) > 0u) {
    return 0xc8000000u;
  }
  return min((product.x >> u32(shift)) | (product.y << u32(32 - shift)), 0xc8000000u);
}

// Of a number that is not 0: 0 where it is no integer, 1 where it is odd, 2 where it is even.
fn parity(size: u32) -> u32 {
  let exponent = i32(size >> 23u) - 127;
  if (exponent < 0) {
    return 0u;
  }
  if (exponent > 23) {
    return 2u;
  }
  let unit = 1u << u32(23 - exponent);
  let mantissa = (size & 0x007fffffu) | 0x00800000u;
  if ((mantissa & (unit - 1u)) != 0u) {
    return 0u;
  }
  return select(2u, 1u, (mantissa & unit) != 0u);
}

// `xʸ` of bits as bits, within 3 ulp, as JavaScript has it: 1 for any x to the power 0, and NaN for ±1 to that of infinity. Logarithm and
// exponent are integers, whose digits no device and no compiler takes away.
fn powOf(x: u32, y: u32) -> u32 {
  let one = 0x3f800000u;
  let size = x & SIZE_BITS;
  let sizeY = y & SIZE_BITS;
  if (sizeY == 0u) {
    return one;
  }
  if (size > INFINITY_BITS || sizeY > INFINITY_BITS || (sizeY == INFINITY_BITS && size == one)) {
    return NAN_BITS;
  }
  let kind = parity(sizeY);
  let sign = select(0u, x & SIGN_BIT, kind == 1u);
  let grows = y < SIGN_BIT;
  if (sizeY == INFINITY_BITS) {
    return select(0u, INFINITY_BITS, (size > one) == grows);
  }
  if (size == 0u || size == INFINITY_BITS) {
    return sign | select(0u, INFINITY_BITS, (size != 0u) == grows);
  }
  if (x >= SIGN_BIT && kind == 0u) {
    return NAN_BITS;
  }
  let l = fixedLog2(size);
  let negative = l.y >= SIGN_BIT;
  let exponent = fixedExponent(sizeY, select(l, negateWide(l), negative));
  let n = (exponent + 0x00800000u) >> 24u;
  let rest = f32(i32(exponent - (n << 24u))) * 0x1p-24;
  let below = negative == grows;
  let power = bitcast<u32>(1.0 + expReduced(select(rest, -rest, below) * 0.693147182));
  return sign | scaled(power, select(i32(n), -i32(n), below));
}
