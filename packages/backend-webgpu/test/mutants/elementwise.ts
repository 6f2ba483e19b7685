import type { Mutant } from './Mutant.js';

/** Faults in maps, in functions and in walks through operands. */
export const elementwiseMutants: readonly Mutant[] = [
  {
    name: 'a view is read from the start of its storage',
    file: 'elementwise/map.wgsl',
    find: 'params.start + i',
    replace: 'i',
    caughtBy: ['relu: value, of views'],
  },
  {
    name: 'the last element is left out',
    file: 'elementwise/map.wgsl',
    find: 'i[k] < params.size',
    replace: 'i[k] + 1u < params.size',
    caughtBy: ['neg: value, one element', 'neg: value, of NaN and infinity'],
  },
  {
    name: 'the last element is not filled',
    file: 'engine/fill.wgsl',
    find: 'i < params.size',
    replace: 'i + 1u < params.size',
    caughtBy: ['select: value, of two numbers', 'slice: gradient, a box'],
  },
  {
    name: 'a maximum loses a NaN whose sign is set',
    file: 'math/larger.wgsl',
    find: 'numbers = select(larger, a & b, rankOf(a) == rankOf(b));\n  return select(select(numbers, b, isNanBits(b)), a, isNanBits(a));',
    replace: 'numbers = select(larger, a & b, rankOf(a) == rankOf(b));\n  return select(numbers, a, isNanBits(a));',
    caughtBy: ['maximum: value, of NaN with its sign set'],
  },
  {
    name: 'a NaN on the right compares',
    file: 'elementwise/compare.wgsl',
    find: 'isNanBits(a) || isNanBits(b)',
    replace: 'isNanBits(a)',
    caughtBy: ['less: value, of NaN and infinity'],
  },
  {
    name: 'a condition is true only where it is 1',
    file: 'elementwise/select.wgsl',
    find: 'chosen != vec4u(0u)',
    replace: 'chosen == vec4u(1u)',
    caughtBy: ['select: value, broadcast branches'],
  },
  {
    name: 'NaN is cast to an end of the range',
    file: 'elementwise/basic.wgsl',
    find: ', 0, size > INFINITY_BITS)',
    replace: ', end, size > INFINITY_BITS)',
    caughtBy: ['cast: value, float to i32 at the ends of its range, and of NaN'],
  },
  {
    name: 'exp is finite for every x',
    file: 'math/exp.wgsl',
    find: 'clamp(x, -104.0, 89.0)',
    replace: 'clamp(x, -104.0, 88.0)',
    caughtBy: ['exp: value, far from 0', 'exp: value, of NaN and infinity'],
  },
  {
    name: 'an angle is cut off to quarter turns, not rounded',
    file: 'math/trig.wgsl',
    find: '(turns.y + 0x20000000u) >> 30u',
    replace: 'turns.y >> 30u',
    caughtBy: ['cos: value, far from 0'],
  },
  {
    name: 'odd powers of negative numbers are positive',
    file: 'math/pow.wgsl',
    find: 'return select(2u, 1u, (mantissa & unit) != 0u);',
    replace: 'return 2u;',
    caughtBy: ['pow: value, of negative bases and at 0'],
  },
  {
    name: 'tanh makes a number of NaN',
    file: 'math/gates.wgsl',
    find: 'select(size | (bits & SIGN_BIT), bits, isNan(x))',
    replace: 'size | (bits & SIGN_BIT)',
    caughtBy: ['tanh: value, of NaN and infinity'],
  },
];
