// The exported kernels of one operand: one for each function and element type.

import { Unary, unary } from './unary';

export function negF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.NEG, args, part, parts);
}
export function absF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.ABS, args, part, parts);
}
export function signF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.SIGN, args, part, parts);
}
export function floorF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.FLOOR, args, part, parts);
}
export function expF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.EXP, args, part, parts);
}
export function logF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.LOG, args, part, parts);
}
export function log1pF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.LOG1P, args, part, parts);
}
export function sqrtF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.SQRT, args, part, parts);
}
export function sinF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.SIN, args, part, parts);
}
export function cosF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.COS, args, part, parts);
}
export function tanhF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.TANH, args, part, parts);
}
export function sigmoidF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.SIGMOID, args, part, parts);
}
export function reluF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.RELU, args, part, parts);
}
export function negI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.NEG_I32, args, part, parts);
}
export function absI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.ABS_I32, args, part, parts);
}
export function signI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.SIGN_I32, args, part, parts);
}
export function reluI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.RELU_I32, args, part, parts);
}
export function castToI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.TO_I32, args, part, parts);
}
export function castToF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  unary(Unary.TO_F32, args, part, parts);
}
