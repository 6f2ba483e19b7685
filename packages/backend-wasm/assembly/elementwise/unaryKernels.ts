// The exported kernels of one operand: one for each function and element type.

import {
  ABS,
  ABS_I32,
  COS,
  EXP,
  FLOOR,
  LOG,
  LOG1P,
  NEG,
  NEG_I32,
  RELU,
  RELU_I32,
  SIGMOID,
  SIGN,
  SIGN_I32,
  SIN,
  SQRT,
  TANH,
  TO_F32,
  TO_I32,
  unary,
} from './unary';

export function negF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(NEG, args, part, parts);
}
export function absF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(ABS, args, part, parts);
}
export function signF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(SIGN, args, part, parts);
}
export function floorF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(FLOOR, args, part, parts);
}
export function expF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(EXP, args, part, parts);
}
export function logF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(LOG, args, part, parts);
}
export function log1pF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(LOG1P, args, part, parts);
}
export function sqrtF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(SQRT, args, part, parts);
}
export function sinF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(SIN, args, part, parts);
}
export function cosF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(COS, args, part, parts);
}
export function tanhF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(TANH, args, part, parts);
}
export function sigmoidF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(SIGMOID, args, part, parts);
}
export function reluF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(RELU, args, part, parts);
}
export function negI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(NEG_I32, args, part, parts);
}
export function absI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(ABS_I32, args, part, parts);
}
export function signI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(SIGN_I32, args, part, parts);
}
export function reluI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(RELU_I32, args, part, parts);
}
export function castToI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(TO_I32, args, part, parts);
}
export function castToF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(TO_F32, args, part, parts);
}
