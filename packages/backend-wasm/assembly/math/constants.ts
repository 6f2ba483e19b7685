/**
 * The constants of exp, sigmoid and tanh, in static memory: engines load a number into all lanes in one instruction, but build
 * a constant vector anew from an immediate at each use.
 */
const table: usize = memory.data<f32>([
  1, 2, -0.0, 1.4426950408889634,
  0.693359375, -2.12194440054690583e-4, -104, 89,
  12582912, 12583039, 12583063, 5.9604644775390625e-8,
  0.00138825107, 0.00836654739, 0.0416672008, 0.166665434,
  0.49999998, -40, 0.5625, 0.0162312773,
  -0.0525642445, 0.133190654, -0.333328758,
]);

/** Constant number `index` of the table, in all lanes. */
@inline
export function constant(index: usize): v128 {
  return v128.load32_splat(table + (index << 2));
}

export const ONE = 0;
export const TWO = 1;
export const SIGN_BIT = 2;
export const LOG2_E = 3;
export const LN2_HIGH = 4;
export const LN2_LOW = 5;
export const EXP_LEAST = 6;
export const EXP_MOST = 7;
export const ROUND = 8;
export const ROUND_127 = 9;
export const ROUND_151 = 10;
export const TWO_TO_MINUS_24 = 11;
export const EXP_4 = 12;
export const EXP_3 = 13;
export const EXP_2 = 14;
export const EXP_1 = 15;
export const EXP_0 = 16;
export const TANH_LEAST = 17;
export const TANH_TURN = 18;
export const TANH_3 = 19;
export const TANH_2 = 20;
export const TANH_1 = 21;
export const TANH_0 = 22;
